"""The dashboard in a browser: a server on this machine, which runs one dashboard for each page that is open.

    gate.py     who may ask: token, Host and Origin
    server.py   the pages, and the connection between a page and its dashboard
    page/       what textual-serve would have fetched from elsewhere or leaves out

The rest is textual-serve's: the terminal in the page, and the talk with the dashboard's process. It needs the extra
`serve`.
"""
