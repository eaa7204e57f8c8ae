"""The pages that people read: the hub's portal and every centre's own site, one set of templates.

A site is told what it is called and in which languages (`site.Site`) and given something to ask
(`source.Source`); `app.create_site` makes an application of the two, to be mounted beside the API.
"""
