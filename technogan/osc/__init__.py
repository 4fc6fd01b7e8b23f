"""The OSC bridge: what other programs say to TechnoGAN, and what it answers.

packet      datagrams <-> messages
protocol    the one table of commands and replies: the parser and the documentation are made from it
dialects    how the replies look to the two kinds of clients
service     the jobs: one queue, one worker over an Engine; hosted by `technogan serve` and by the window alike
server      the UDP socket, its one receiving thread, and who may ask
"""
