"""The OSC bridge: lets other programs control TechnoGAN over UDP.

packet      datagrams <-> messages
table       the commands, replies and error codes; the parser and docs/osc.md are made from it
protocol    arguments -> commands; results and errors -> replies
dialects    the two forms of addresses and replies
service     one job queue and one worker over an engine; hosted by `technogan serve` and by the window
server      the UDP socket, its receiving thread, and which clients may send
"""
