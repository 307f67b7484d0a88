"""Places: what people type (`3097 Liebefeld`, `Köniz`, a street) becomes a postcode with a point, offline.

`rules` reads and judges what was typed, `geonames` tidies the public data, `gazetteer` builds the file
and answers from it. The data is GeoNames (https://www.geonames.org), licensed CC BY 4.0: a portal that
shows places names GeoNames on its imprint.
"""
