"""The networks as torch Modules, to read and to hook; everything else about a family is beside this package."""
