"""How the admin writes dates where Django's own way is not that of the readers: see FORMAT_MODULE_PATH."""
