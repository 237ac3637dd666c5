<?php
// A WordPress of a test: what `wordpress()` in conftest.py says in the environment, and nothing outside this machine.
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', getenv( 'WP_USER' ) );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'WP_SOCKET' ) );
define( 'WP_HOME', getenv( 'WP_ADDRESS' ) );
define( 'WP_SITEURL', WP_HOME );
define( 'WP_CONTENT_DIR', getenv( 'WP_CONTENT' ) );
define( 'ABSPATH', '/usr/share/wordpress/' );
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
$table_prefix = 'wp_';
require_once ABSPATH . 'wp-settings.php';
