"""A client of the soak: it keeps rows as the first-party clients do, goes away without a word, stops reading, comes back
with the last _seq that it consumed, and objects to every message that a correct server would not have sent."""
import collections

from workload import COLUMNS, select
from wsloop import Socket

counts = collections.Counter()


class Wrong(AssertionError):
    pass


class Subscription:
    """One live query and the rows that it has brought so far."""

    IDLE, ASKED, LOADING, LIVE = range(4)

    def __init__(self, client, sub_id, query, batch_size, random):
        self.client = client
        self.name = self.id = sub_id
        self.generation = 0
        self.query = query
        self.batch_size = batch_size
        self.random = random
        self.columns = query.columns or COLUMNS
        self.rows = {}
        self.resume = None  # the highest _seq consumed; None: nothing to go on from
        self.state = self.IDLE
        self.asked_again = False
        self.retry_planned = False
        self.last_message = None

    def wrong(self, text, message=None):
        raise Wrong("%s, %s: %s\n  state %d, resume %s\n  message %.1500s\n  before %.800s" % (
            self.id, select(self.query), text, self.state, self.resume, message, self.last_message))

    # ---- asking

    def start(self, forget=False):
        """Subscribes, also over a subscription of the same id that may be there."""
        if not self.client.connected():
            if forget:
                self.resume = None
            return
        if self.state == self.ASKED:
            # One answer after the other, or nobody could tell them apart.
            self.asked_again = True
            self.forget_next = forget
            return
        if forget:
            self.resume = None
        options = {"batch_size": self.batch_size}
        self.from_seq = self.resume
        if self.resume is None:
            self.rows = {}
            counts["loads"] += 1
        else:
            options["from"] = self.resume
            counts["resumes"] += 1
        self.state = self.ASKED
        self.page_rows, self.page_deletes = [], []
        self.batch = -1
        self.page_end = self.resume or 0
        self.client.socket.send({"type": "subscribe", "subscription": {
            "id": self.id, "sql": select(self.query), "options": options}})

    def disconnected(self):
        self.state = self.IDLE
        self.asked_again = False

    def rename(self):
        self.client.socket.send({"type": "unsubscribe", "subscription_id": self.id})
        self.generation += 1
        self.id = "%s#%d" % (self.name, self.generation)

    def retry(self, seconds):
        if self.retry_planned:
            return
        self.retry_planned = True

        def again():
            self.retry_planned = False
            if self.state == self.IDLE:
                self.start()
        self.client.loop.after(seconds, again)

    # ---- answers

    def on_message(self, m):
        kind = m["type"]
        if kind == "error":
            self.on_error(m)
        elif kind == "subscription_ack":
            if self.state == self.LIVE or self.state == self.LOADING:
                self.wrong("an acknowledgement that nobody waits for", m)
            if self.state == self.IDLE:
                return  # it was ended before it began
            self.state = self.LOADING
            if self.asked_again:
                self.asked_again = False
                self.state = self.IDLE
                self.start(self.forget_next)
        elif self.state in (self.IDLE, self.ASKED):
            return  # of a subscription that is over
        elif kind == "initial_data_batch":
            self.on_batch(m)
        else:
            self.on_change(m)
        self.last_message = m

    def on_error(self, m):
        code = m["code"]
        counts["error " + code] += 1
        if code == "BATCH_FETCH_FAILED":
            # Killed or replaced while it was read.
            if self.state == self.LOADING:
                self.state = self.IDLE
                self.start()
        elif code == "RESUME_TOO_OLD":
            if self.state == self.LIVE:
                self.state = self.IDLE
                self.start(forget=True)
            elif self.state == self.LOADING:
                self.wrong("a resume was given up before it was ready", m)
        elif code in ("NOT_FOUND", "UNAUTHORIZED") or (code == "SUBSCRIPTION_FAILED" and "retry" in m["message"]):
            if code == "NOT_FOUND":
                self.resume = None
            if self.state == self.ASKED:
                # Nobody can tell whether this ends the one before, or answers for the one that was asked for.
                self.rename()
            self.state = self.IDLE
            self.asked_again = False
            self.retry(0.2 + self.random.random() / 2)
        else:
            self.wrong("an error that nothing explains", m)

    def on_batch(self, m):
        if self.state != self.LOADING:
            self.wrong("a batch after the last one", m)
        control = m["batch_control"]
        self.batch += 1
        if control["batch_num"] != self.batch:
            self.wrong("batch %d was expected" % self.batch, m)
        if len(m["rows"]) > self.batch_size:
            self.wrong("more rows than a batch holds", m)
        last = self.page_end
        for row in m["rows"]:
            seq = int(row["_seq"])
            if seq <= last:
                self.wrong("_seq %d after %d within a snapshot" % (seq, last), m)
            last = seq
            self.check_columns(row, self.columns)
            self.page_rows.append((seq, row))
        if control["last_seq_id"] is not None:
            if control["last_seq_id"] < last:
                self.wrong("last_seq_id is not the last", m)
            self.page_end = control["last_seq_id"]
        counts["batches"] += 1
        counts["snapshot rows"] += len(m["rows"])
        if control["has_more"]:
            self.client.socket.send({"type": "next_batch", "subscription_id": self.id, "last_seq_id": control["last_seq_id"]})
            return
        seen = set()
        for seq, row in self.page_rows:
            if row["id"] in seen:
                self.wrong("row %s twice in one snapshot" % row["id"], m)
            seen.add(row["id"])
            self.keep(row, seq)
        for seq, key in self.page_deletes:
            if key in seen:
                self.wrong("row %s both deleted and there" % key, m)
            self.rows.pop(key, None)
        self.consumed = max([self.resume or 0, self.page_end] + [s for s, _ in self.page_rows[-1:]])
        self.note([s for s, _ in self.page_rows] + [s for s, _ in self.page_deletes])
        self.state = self.LIVE
        self.client.ready()

    def on_change(self, m):
        kind = m["change_type"]
        counts["changes"] += 1
        row = m["old_values" if kind == "delete" else "rows"][0]
        seq = int(row["_seq"])
        if self.state == self.LOADING:
            # Only what a resume has to tell; it is above the last page and within the next.
            if kind != "delete" or self.from_seq is None:
                self.wrong("a change before the snapshot was ready", m)
            if seq <= self.page_end or (self.page_deletes and seq <= self.page_deletes[-1][0]):
                self.wrong("a delete of a resume out of order", m)
            self.page_deletes.append((seq, row["id"]))
            counts["deletes of resumes"] += 1
            return
        if seq <= self.consumed:
            self.wrong("_seq %d after %d" % (seq, self.consumed), m)
        self.consumed = seq
        self.note([seq])
        key = row["id"]
        if kind == "insert":
            self.check_columns(row, self.columns)
            if key in self.rows:
                counts["caught up"] += 1
            self.keep(row, seq)
        elif kind == "update":
            old = m["old_values"][0]
            known = self.rows.get(key)
            if int(old["_seq"]) >= seq or old["id"] != key:
                self.wrong("old values of something else", m)
            if known is not None:
                # Nothing between the two versions was kept from this client, and nothing was invented.
                if known["_seq"] != old["_seq"]:
                    self.wrong("a version is missing: known is %s" % known, m)
                for name, value in old.items():
                    if known[name] != value:
                        self.wrong("the replaced value of %s was %r" % (name, known[name]), m)
            complete = {name: row.get(name) for name in self.columns}
            complete["_seq"] = row["_seq"]
            if known is not None:
                for name in self.columns:
                    if (name in old and name != "id") != (known[name] != complete[name]):
                        self.wrong("old_values and rows disagree on %s" % name, m)
            self.keep(complete, seq)
        else:
            self.rows.pop(key, None)

    def check_columns(self, row, columns):
        for name in columns:
            if name not in row:
                self.wrong("column %s is missing" % name, row)

    def keep(self, row, seq):
        if all(c in self.columns for c in self.query.filter.columns) and not self.query.filter.holds(row):
            self.wrong("a row outside of the filter", row)
        kept = {name: row[name] for name in self.columns}
        kept["_seq"] = row["_seq"]
        self.rows[row["id"]] = kept

    def note(self, seqs):
        if seqs:
            self.resume = max([self.resume or 0] + seqs)


class Subscriber:
    """One connection after the other, with the same subscriptions on each."""

    def __init__(self, loop, port, name, user, token, random, slow):
        self.loop = loop
        self.port = port
        self.name = name
        self.user = user
        self.token = token
        self.random = random
        self.slow = slow
        self.subscriptions = {}
        self.socket = None
        self.calm = False  # no more trouble: the end of the run
        self.leaving = False

    def add(self, query, batch_size):
        sub_id = "%s.%d" % (self.name, len(self.subscriptions))
        self.subscriptions[sub_id] = Subscription(self, sub_id, query, batch_size, self.random)
        return self.subscriptions[sub_id]

    def connected(self):
        return self.socket is not None and self.socket.authenticated and not self.socket.close_sent

    def connect(self):
        counts["connects"] += 1
        r = self.random
        self.socket = Socket(self.loop, self.port, self.token, self, header=r.random() < 0.5, compress=r.random() < 0.4, packed=r.random() < 0.3,
                             receive_buffer=r.choice((2048, 8192, 65536)) if self.slow else None,
                             fragments=r if r.random() < 0.3 else None)

    def on_open(self):
        for s in self.subscriptions.values():
            s.start()
        if self.slow and not self.calm and self.random.random() < 0.4:
            self.stop_reading()
        self.trouble_later()

    def on_message(self, m):
        s = self.subscriptions.get(m["subscription_id"].split("#")[0])
        if s is None:
            raise Wrong("%s: a message that belongs to nothing: %s" % (self.name, m))
        if s.id == m["subscription_id"]:
            s.on_message(m)

    def on_closed(self, code):
        counts["closed %s" % code] += 1
        for s in self.subscriptions.values():
            s.disconnected()
        self.socket = None
        if self.leaving:
            return
        self.loop.after(0.01 if self.calm else self.random.random() * self.random.choice((0.05, 1, 6)), self.connect)

    def ready(self):
        counts["ready"] += 1

    def settled(self):
        return self.connected() and all(s.state == s.LIVE for s in self.subscriptions.values())

    # ---- trouble

    def trouble_later(self):
        mine = self.socket

        def now():
            if self.socket is mine and mine is not None and not self.calm:
                self.trouble()
        self.loop.after(self.random.expovariate(1 / 5), now)

    def trouble(self):
        r, kind = self.random, self.random.random()
        if kind < 0.25:
            counts["resets"] += 1
            self.socket.abort()
            return
        if kind < 0.35:
            counts["clean ends"] += 1
            for s in self.subscriptions.values():
                self.socket.send({"type": "unsubscribe", "subscription_id": s.id})
                s.disconnected()
            self.socket.close()
            return
        s = r.choice(list(self.subscriptions.values()))
        if kind < 0.6 and self.slow:
            self.stop_reading()
        elif kind < 0.7:
            s.start()  # over the one that is there
        elif kind < 0.8 and s.state == s.LIVE:
            self.socket.send({"type": "unsubscribe", "subscription_id": s.id})
            s.state = s.IDLE
            s.start(forget=r.random() < 0.3)
        elif kind < 0.9:
            self.socket.send({"type": "ping"})
        self.trouble_later()

    def stop_reading(self):
        counts["pauses"] += 1
        self.socket.pause()
        self.loop.after(self.random.choice((0.5, 2, 4, 9)) * (0.5 + self.random.random()), self.socket.go_on)

    def killed(self, sub_id):
        """A live query of this name was ended on the server, and its client is not told."""
        s = self.subscriptions[sub_id.split("#")[0]]
        if s.id == sub_id and self.connected():
            if s.state != s.ASKED:
                s.state = s.IDLE
            s.start()

    def leave(self):
        self.leaving = True
        self.socket.close()

    def be_troubled(self):
        self.calm = False
        self.trouble_later()

    def calm_down(self):
        self.calm = True
        if self.socket is not None and not self.socket.closed:
            self.socket.go_on()
