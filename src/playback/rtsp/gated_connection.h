// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts a RequestGate between a client's socket and gst-rtsp-server, which has no place for one: it makes its
// connections through GLib's factory, so GLib's TCP connections are told to look for a mark on their socket.
// They stay what they were for all sockets that have none.
#pragma once

#include <gio/gio.h>

namespace butaca::playback::rtsp {

// From now on GLib's TCP connections look for the mark. To be called before threads make any; again changes
// nothing.
void register_gated_connection();

// From now on, what is read from a connection made for this socket passes a gate first. Violations end the
// stream.
void gate(GSocket *socket);

} // namespace butaca::playback::rtsp
