<?php
// Installs WordPress and publishes a post for each address given: on a line of its own, as an editor pastes it, and as
// the block that WordPress makes of it. Prints the posts' addresses as JSON.
define( 'WP_INSTALLING', true );
$_SERVER += array( 'HTTP_HOST' => parse_url( getenv( 'WP_ADDRESS' ), PHP_URL_HOST ) );
require __DIR__ . '/wp-config.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter( 'pre_wp_mail', '__return_true' );
add_filter( 'pre_http_request', '__return_null' );
wp_install( 'News', 'editor', 'editor@news.example', true, '', wp_generate_password() );
wp_set_current_user( 1 );
$block = '<!-- wp:embed {"url":"%1$s","type":"rich"} --><figure class="wp-block-embed is-type-rich">'
	. '<div class="wp-block-embed__wrapper">' . "\n%1\$s\n" . '</div></figure><!-- /wp:embed -->';
$posts = array();
foreach ( array_slice( $argv, 1 ) as $address ) {
	foreach ( array( "Before\n\n%s\n\nAfter", $block ) as $form ) {
		$posts[] = get_permalink( wp_insert_post( array(
			'post_title' => 'Markets',
			'post_content' => wp_slash( sprintf( $form, $address ) ),
			'post_status' => 'publish',
		) ) );
	}
}
echo json_encode( $posts );
