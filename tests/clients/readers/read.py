"""What pyoembed and micawber make of our pages, as JSON: BASE OPEN MEMBERS ENDED."""
import json
import sys
import urllib.request
from xml.etree import ElementTree

import micawber
from pyoembed import oEmbed

base, opened, members, ended = sys.argv[1:]
found = oEmbed(opened, maxwidth=320, maxheight=320)
said = {"pyoembed": [found["type"], found["title"], int(found["width"]), int(found["height"])]}

endpoint = base + "/oembed"
quoted = urllib.request.quote(opened, safe="")
root = ElementTree.fromstring(urllib.request.urlopen(f"{endpoint}?format=xml&url={quoted}").read())
said["xml"] = [root.findtext("type"), root.findtext("title")]

registry = micawber.ProviderRegistry()
registry.register(base + r"/w/\S*", micawber.Provider(endpoint))
found = registry.request(opened, maxwidth=400)
said["micawber"] = [found["type"], found["title"], found["width"]]

said["refused"] = []
for name, url in (("members", members), ("ended", ended)):
    try:
        registry.request(url)
    except micawber.ProviderException:
        said["refused"].append(name)
print(json.dumps(said))
