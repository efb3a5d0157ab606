// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts a RequestGate between a client's socket and gst-rtsp-server, which has no place for one: it makes its
// connections through GLib's factory, so the factory is told to make ours. They are like any other for all
// sockets that are not marked.
#pragma once

#include <gio/gio.h>

namespace butaca::playback::rtsp {

// Has GLib make connections that can be gated. Once in a process, before the first of them.
void register_gated_connection();

// From now on, what is read from a connection made for this socket passes a gate first. Violations end the
// stream.
void gate(GSocket *socket);

} // namespace butaca::playback::rtsp
