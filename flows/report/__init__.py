"""The morning's report: one HTML page that needs nothing but itself.

`facts` asks the lake, `stretch` cuts prices where nobody observed them, `scale` and the charts turn
numbers into places, `words` turns them into text, `page` fills the templates, `write` is the door.
"""
