"""Questions out of other programs' files, and into them: GIFT, Moodle XML and CSV.

The parsers are pure: text in, drafts and findings out, and `FileFault` for a file that cannot be read at all. They
write nothing; `taking` turns drafts into questions, by the same rules as every other way in.
"""
