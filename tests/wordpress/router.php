<?php
// What PHP's own server asks for every request: WordPress's files as they are, all else is a page of WordPress.
if ( is_file( $_SERVER['DOCUMENT_ROOT'] . parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) ) ) {
	return false;
}
require __DIR__ . '/wp-config.php';
define( 'WP_USE_THEMES', true );
wp();
require ABSPATH . WPINC . '/template-loader.php';
