"""The OSC bridge: lets other programs control TechnoGAN over UDP.

packet      datagrams <-> messages
table       the commands, replies and error codes, which define the parser and docs/osc.md
protocol    arguments -> commands; results and errors -> replies
dialects    the two forms of addresses and replies
service     a job queue and a worker that renders; hosted by `technogan serve` and by the window
server      the UDP socket, its receiving thread, and which clients may send
"""
