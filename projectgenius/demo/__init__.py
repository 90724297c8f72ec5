"""Fiction to try the site with: people, courses and how far they are. Read from the files beside this one."""
