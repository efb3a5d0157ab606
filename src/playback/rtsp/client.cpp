// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/client.h"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "src/base/log.h"
#include "src/playback/rtsp/hang_up.h"
#include "src/playback/rtsp/jump.h"
#include "src/playback/rtsp/media.h"

namespace butaca::playback::rtsp {
namespace {

constexpr std::string_view path_prefix = "/s/";
constexpr gint port_most = 65535;
constexpr std::chrono::milliseconds sender_time{50};
// What clients may ask for in headers that the server follows to everybody's harm: it writes requests to the
// standard output (Accept-Ranges), parses keys that nothing here uses (KeyMgmt), cuts packets to any size
// (Blocksize), keeps each name for as long as the client is there (Pipelined-Requests), and answers in a
// response that it has not begun (Seek-Style).
constexpr std::array unheard{GST_RTSP_HDR_ACCEPT_RANGES, GST_RTSP_HDR_KEYMGMT, GST_RTSP_HDR_BLOCKSIZE,
                             GST_RTSP_HDR_PIPELINED_REQUESTS, GST_RTSP_HDR_SEEK_STYLE};

struct State {
    std::shared_ptr<Backend> backend;
    unsigned idle_s = 60;
    Owned<GstRTSPMountPoints> mounts; // of this client alone: the one title that it opened last
    std::string ticket;
    GstRTSPStatusCode refusal = GST_RTSP_STS_OK; // of the request that is being answered
    bool halted = false;                         // does it stand still only for that request?
};
struct Client {
    GstRTSPClient parent;
    State *state;
};
struct ClientClass {
    GstRTSPClientClass parent;
};

// GLib's macro casts the C way in our own text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
GType client_get_type();
G_DEFINE_TYPE(Client, client, GST_TYPE_RTSP_CLIENT)
#pragma GCC diagnostic pop

State &state_of(GstRTSPClient *client) { return *reinterpret_cast<Client *>(client)->state; }
GstRTSPClientClass *parent_class() { return GST_RTSP_CLIENT_CLASS(client_parent_class); }

// The ticket in "/s/TICKET" and "/s/TICKET/stream=0"; empty when it has another form.
std::string ticket_in(const GstRTSPUrl *url)
{
    std::string_view path = url->abspath ? url->abspath : "";
    if (!path.starts_with(path_prefix))
        return {};
    path.remove_prefix(path_prefix.size());
    return std::string(path.substr(0, path.find('/')));
}

GstRTSPStatusCode status_of(const Error &error)
{
    switch (error.code) {
    case ErrorCode::forbidden:
    case ErrorCode::unauthenticated:
        return GST_RTSP_STS_FORBIDDEN;
    case ErrorCode::not_found:
        return GST_RTSP_STS_NOT_FOUND;
    case ErrorCode::unsupported:
        return GST_RTSP_STS_UNSUPPORTED_MEDIA_TYPE;
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
        return GST_RTSP_STS_SERVICE_UNAVAILABLE;
    default:
        return GST_RTSP_STS_INTERNAL_SERVER_ERROR;
    }
}

void unmount(State &state)
{
    if (!state.ticket.empty())
        gst_rtsp_mount_points_remove_factory(state.mounts.get(),
                                             (std::string(path_prefix) + state.ticket).c_str());
    state.ticket.clear();
}

// Opens the ticket in the URL, so that the title can be found at it.
GstRTSPStatusCode admit(GstRTSPClient *client, const GstRTSPUrl *url)
{
    State &state = state_of(client);
    std::string ticket = ticket_in(url);
    if (ticket.empty())
        return GST_RTSP_STS_NOT_FOUND;
    if (auto holds = state.backend->check(ticket); !holds)
        return status_of(holds.error());
    if (ticket == state.ticket)
        return GST_RTSP_STS_OK;
    unmount(state);
    auto title = state.backend->open(ticket);
    if (!title)
        return status_of(title.error());
    gst_rtsp_mount_points_add_factory(state.mounts.get(), (std::string(path_prefix) + ticket).c_str(),
                                      make_factory(state.backend, *title, hang_up_later(client)).release());
    state.ticket = std::move(ticket);
    return GST_RTSP_STS_OK;
}

GstRTSPStatusCode client_pre_options(GstRTSPClient *, GstRTSPContext *context)
{
    gst_rtsp_message_remove_header(context->response, GST_RTSP_HDR_PUBLIC, -1);
    gst_rtsp_message_add_header(
        context->response, GST_RTSP_HDR_PUBLIC,
        "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER");
    return GST_RTSP_STS_OK;
}

GstRTSPStatusCode client_pre_describe(GstRTSPClient *client, GstRTSPContext *context)
{
    return state_of(client).refusal = admit(client, context->uri);
}

// What SETUP and PLAY call before they look at anything.
gchar *client_make_path_from_uri(GstRTSPClient *client, const GstRTSPUrl *url)
{
    const auto *context = gst_rtsp_context_get_current();
    for (auto header : unheard)
        if (context && context->request)
            gst_rtsp_message_remove_header(context->request, header, -1);
    if (context && context->method == GST_RTSP_SETUP)
        state_of(client).refusal = admit(client, url);
    return parent_class()->make_path_from_uri(client, url);
}

std::size_t count_and_free(GList *objects)
{
    const std::size_t count = g_list_length(objects);
    g_list_free_full(objects, g_object_unref);
    return count;
}

// One session for a connection and one title for a session: otherwise one client could open any number.
GstRTSPStatusCode client_pre_setup(GstRTSPClient *client, GstRTSPContext *context)
{
    State &state = state_of(client);
    if (state.refusal != GST_RTSP_STS_OK)
        return state.refusal;
    if (!context->session)
        return count_and_free(gst_rtsp_client_session_filter(client, nullptr, nullptr)) == 0
                   ? GST_RTSP_STS_OK
                   : GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
    auto path = adopt(parent_class()->make_path_from_uri(client, context->uri));
    gint matched = 0;
    GstRTSPSessionMedia *media = gst_rtsp_session_get_media(context->session, path.get(), &matched);
    if (!media)
        return count_and_free(gst_rtsp_session_filter(context->session, nullptr, nullptr)) == 0
                   ? GST_RTSP_STS_OK
                   : GST_RTSP_STS_AGGREGATE_OPERATION_NOT_ALLOWED;
    // A track that rested cannot catch up with the others.
    auto playout = playout_of(context->media);
    return playout && playout->has_played() ? GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE : GST_RTSP_STS_OK;
}

// A track that was not set up leads nowhere, which its source would take for the end of the whole medium.
void rest_what_is_not_taken(const GstRTSPContext *context)
{
    auto bin = adopt(gst_rtsp_media_get_element(context->media));
    auto playout = Playout::of(bin.get());
    if (!playout || playout->has_played())
        return;
    for (guint number = 0; number < gst_rtsp_media_n_streams(context->media); number++)
        if (!gst_rtsp_session_media_get_transport(context->sessmedia, number))
            playout->rest(bin.get(), number);
}

void halt(GstRTSPClient *client, GstRTSPSessionMedia *media)
{
    gst_rtsp_session_media_set_state(media, GST_STATE_PAUSED);
    // The server's sender may have been told of a packet and not have taken it yet. A jump would throw it
    // away, and the sender wait for another one with the stream locked, for which the jump waits in turn.
    std::this_thread::sleep_for(sender_time);
    state_of(client).halted = true;
}

GstRTSPStatusCode client_pre_play(GstRTSPClient *client, GstRTSPContext *context)
{
    auto holds = state_of(client).backend->check(ticket_in(context->uri));
    if (!holds)
        return status_of(holds.error());
    rest_what_is_not_taken(context);
    // A jump while it plays: the first new packets would be gone before the answer says which they are.
    gchar *range = nullptr;
    if (gst_rtsp_session_media_get_rtsp_state(context->sessmedia) == GST_RTSP_STATE_PLAYING &&
        gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_RANGE, &range, 0) == GST_RTSP_OK)
        halt(client, context->sessmedia);
    return GST_RTSP_STS_OK;
}

GstRTSPStatusCode client_pre_recording(GstRTSPClient *, GstRTSPContext *)
{
    return GST_RTSP_STS_METHOD_NOT_ALLOWED;
}

// Where nothing is mounted the server says "not found", though the ticket may be known and have expired.
// After a jump that was refused it plays on.
GstRTSPStatusCode client_adjust_error_code(GstRTSPClient *client, GstRTSPContext *context,
                                           GstRTSPStatusCode code)
{
    if (std::exchange(state_of(client).halted, false))
        gst_rtsp_session_media_set_state(context->sessmedia, GST_STATE_PLAYING);
    const auto refusal = std::exchange(state_of(client).refusal, GST_RTSP_STS_OK);
    return code == GST_RTSP_STS_NOT_FOUND && refusal != GST_RTSP_STS_OK ? refusal : code;
}

// Another speed is not offered: the answer to Scale and Speed says 1, and that is how it is played.
GstRTSPStatusCode client_adjust_play_mode(GstRTSPClient *, GstRTSPContext *context, GstRTSPTimeRange **range,
                                          GstSeekFlags *flags, gdouble *rate,
                                          GstClockTime *trickmode_interval, gboolean *rate_control)
{
    *rate = 1;
    *trickmode_interval = 0;
    *rate_control = TRUE;
    *flags = GST_SEEK_FLAG_NONE;
    auto playout = playout_of(context->media);
    if (!playout)
        return GST_RTSP_STS_INTERNAL_SERVER_ERROR;
    return *range ? jump(*playout, range, flags) : GST_RTSP_STS_OK;
}

// Packets need somewhere to go: two ports or two channels.
gboolean client_configure_client_transport(GstRTSPClient *client, GstRTSPContext *context,
                                           GstRTSPTransport *transport)
{
    const auto is_port = [](gint port) { return port > 0 && port <= port_most; };
    const auto &ports = transport->client_port;
    const auto &channels = transport->interleaved;
    if (transport->lower_transport == GST_RTSP_LOWER_TRANS_UDP && !(is_port(ports.min) && is_port(ports.max)))
        return FALSE;
    if (transport->lower_transport == GST_RTSP_LOWER_TRANS_TCP && channels.min >= 0 &&
        channels.min == channels.max)
        return FALSE;
    return parent_class()->configure_client_transport(client, context, transport);
}

void client_play_request(GstRTSPClient *client, GstRTSPContext *context)
{
    state_of(client).halted = false;
    if (auto playout = playout_of(context->media))
        playout->leave_begin();
}

void client_new_session(GstRTSPClient *client, GstRTSPSession *session)
{
    gst_rtsp_session_set_timeout(session, state_of(client).idle_s);
}

void client_finalize(GObject *object)
{
    delete std::exchange(reinterpret_cast<Client *>(object)->state, nullptr);
    G_OBJECT_CLASS(client_parent_class)->finalize(object);
}

void client_init(Client *) {}

void client_class_init(ClientClass *self_class)
{
    G_OBJECT_CLASS(self_class)->finalize = client_finalize;
    auto *client_class = GST_RTSP_CLIENT_CLASS(self_class);
    client_class->pre_options_request = client_pre_options;
    client_class->pre_describe_request = client_pre_describe;
    client_class->pre_setup_request = client_pre_setup;
    client_class->pre_play_request = client_pre_play;
    client_class->pre_announce_request = client_pre_recording;
    client_class->pre_record_request = client_pre_recording;
    client_class->make_path_from_uri = client_make_path_from_uri;
    client_class->adjust_error_code = client_adjust_error_code;
    client_class->adjust_play_mode = client_adjust_play_mode;
    client_class->configure_client_transport = client_configure_client_transport;
    client_class->play_request = client_play_request;
    client_class->new_session = client_new_session;
}

} // namespace

Owned<GstRTSPClient> make_client(std::shared_ptr<Backend> backend, unsigned idle_s)
{
    auto *made = static_cast<Client *>(g_object_new(client_get_type(), nullptr));
    made->state = new State{std::move(backend), idle_s, adopt(gst_rtsp_mount_points_new())};
    auto *client = GST_RTSP_CLIENT(made);
    gst_rtsp_client_set_mount_points(client, made->state->mounts.get());
    // Nobody else finds its session, which could not be shared: its streams end with the connection.
    gst_rtsp_client_set_session_pool(client, adopt(gst_rtsp_session_pool_new()).get());
    return adopt(client);
}

} // namespace butaca::playback::rtsp
