// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/gated_connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "src/base/gobject.h"
#include "src/base/log.h"
#include "src/playback/rtsp/request_gate.h"

namespace butaca::playback::rtsp {
namespace {

constexpr std::size_t read_bytes = 4096;
constexpr const char *mark = "butaca-gated";

// The stream that the server reads: whole requests, as a gate lets them through.
struct GatedInput {
    GFilterInputStream parent;
    RequestGate *gate;
    std::string *passed; // not read yet
    bool over;
};
struct GatedInputClass {
    GFilterInputStreamClass parent;
};

void pollable_init(GPollableInputStreamInterface *pollable);

// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
GType gated_input_get_type();
G_DEFINE_TYPE_WITH_CODE(GatedInput, gated_input, G_TYPE_FILTER_INPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))
#pragma GCC diagnostic pop

GatedInput *input_of(void *stream) { return static_cast<GatedInput *>(stream); }
GPollableInputStream *socket_of(GatedInput *self)
{
    return G_POLLABLE_INPUT_STREAM(g_filter_input_stream_get_base_stream(&self->parent));
}

// Reads from the socket until something is whole. 0: the end; below 0: an error.
gssize fill(GatedInput *self, GError **error)
{
    std::array<char, read_bytes> buffer;
    while (self->passed->empty() && !self->over) {
        const gssize got = g_pollable_input_stream_read_nonblocking(socket_of(self), buffer.data(),
                                                                    buffer.size(), nullptr, error);
        if (got <= 0)
            return got;
        auto fed = self->gate->feed({buffer.data(), static_cast<std::size_t>(got)}, *self->passed);
        if (!fed)
            log::info("rtsp.request_refused", {{"why", fed.error().detail}});
        self->over = !fed || self->gate->closed();
    }
    return static_cast<gssize>(self->passed->size());
}

gssize input_read_nonblocking(GPollableInputStream *stream, void *into, gsize size_bytes, GError **error)
{
    auto *self = input_of(stream);
    const gssize there = fill(self, error);
    if (there <= 0)
        return there;
    const std::size_t taken = std::min<std::size_t>(size_bytes, self->passed->size());
    std::memcpy(into, self->passed->data(), taken);
    self->passed->erase(0, taken);
    return static_cast<gssize>(taken);
}

gboolean input_is_readable(GPollableInputStream *stream)
{
    auto *self = input_of(stream);
    return !self->passed->empty() || self->over || g_pollable_input_stream_is_readable(socket_of(self));
}

// A source that is ready while something has passed the gate, or the socket can be read.
struct Source {
    GSource parent;
    GatedInput *input;
};

gboolean source_ready(GSource *source)
{
    auto *input = reinterpret_cast<Source *>(source)->input;
    return !input->passed->empty() || input->over;
}

gboolean source_prepare(GSource *source, gint *timeout_ms)
{
    *timeout_ms = -1;
    return source_ready(source);
}

gboolean source_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    auto *input = reinterpret_cast<Source *>(source)->input;
    // GSourceFunc is only the carrier here.
    auto call = reinterpret_cast<GPollableSourceFunc>(reinterpret_cast<void (*)()>(callback));
    return call ? call(G_OBJECT(input), data) : G_SOURCE_REMOVE;
}

void source_finalize(GSource *source) { g_object_unref(reinterpret_cast<Source *>(source)->input); }

GSource *input_create_source(GPollableInputStream *stream, GCancellable *)
{
    static GSourceFuncs funcs{source_prepare,  source_ready, source_dispatch,
                              source_finalize, nullptr,      nullptr};
    GSource *source = g_source_new(&funcs, sizeof(Source));
    auto *self = input_of(stream);
    reinterpret_cast<Source *>(source)->input = static_cast<GatedInput *>(g_object_ref(self));
    auto socket = adopt(g_pollable_input_stream_create_source(socket_of(self), nullptr));
    g_source_set_dummy_callback(socket.get());
    g_source_add_child_source(source, socket.get());
    return source;
}

void pollable_init(GPollableInputStreamInterface *pollable)
{
    pollable->is_readable = input_is_readable;
    pollable->create_source = input_create_source;
    pollable->read_nonblocking = input_read_nonblocking;
}

gssize input_read(GInputStream *stream, void *into, gsize size_bytes, GCancellable *, GError **error)
{
    return input_read_nonblocking(G_POLLABLE_INPUT_STREAM(stream), into, size_bytes, error);
}

void input_finalize(GObject *object)
{
    auto *self = input_of(object);
    delete std::exchange(self->gate, nullptr);
    delete std::exchange(self->passed, nullptr);
    G_OBJECT_CLASS(gated_input_parent_class)->finalize(object);
}

void gated_input_init(GatedInput *self)
{
    self->gate = new RequestGate;
    self->passed = new std::string;
}

void gated_input_class_init(GatedInputClass *self_class)
{
    G_OBJECT_CLASS(self_class)->finalize = input_finalize;
    G_INPUT_STREAM_CLASS(self_class)->read_fn = input_read;
}

// What GLib's own TCP connections give as their input.
GInputStream *(*plain_input)(GIOStream *) = nullptr;

GInputStream *input_of_connection(GIOStream *stream)
{
    GInputStream *plain = plain_input(stream);
    GSocket *socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream));
    if (!g_object_get_data(G_OBJECT(socket), mark))
        return plain;
    if (auto *made = g_object_get_data(G_OBJECT(stream), mark))
        return G_INPUT_STREAM(made);
    auto *made =
        g_object_new(gated_input_get_type(), "base-stream", plain, "close-base-stream", FALSE, nullptr);
    g_object_set_data_full(G_OBJECT(stream), mark, made, g_object_unref);
    return G_INPUT_STREAM(made);
}

} // namespace

// GLib's factory has a register of types, too. But a second type for the same kind of socket is put into a
// table that frees it at once, as a key that is there already, and is then read from there (GLib 2.74).
void register_gated_connection()
{
    // Never given back: the class has to stay as it is.
    static auto *const connections = static_cast<GIOStreamClass *>(g_type_class_ref(G_TYPE_TCP_CONNECTION));
    if (connections->get_input_stream == input_of_connection)
        return;
    plain_input = connections->get_input_stream;
    connections->get_input_stream = input_of_connection;
}

void gate(GSocket *socket) { g_object_set_data(G_OBJECT(socket), mark, socket); }

} // namespace butaca::playback::rtsp
