// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/hang_up.h"

#include <memory>

#include "src/base/gobject.h"
#include "src/base/loop.h"

namespace butaca::playback::rtsp {

namespace {

// A client that may be gone, and where it runs.
class Line {
public:
    explicit Line(GstRTSPClient *client)
        // What calls back for a request is the client's own source.
        : context_(adopt(g_main_context_ref(g_source_get_context(g_main_current_source()))))
    {
        g_weak_ref_init(&client_, client);
    }
    ~Line() { g_weak_ref_clear(&client_); }
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;

    GMainContext *context() const { return context_.get(); }
    Owned<GstRTSPClient> client()
    {
        auto *there = static_cast<GstRTSPClient *>(g_weak_ref_get(&client_));
        return there ? adopt(there) : Owned<GstRTSPClient>();
    }

private:
    Owned<GMainContext> context_;
    GWeakRef client_;
};

void end_sessions(GstRTSPClient *client)
{
    auto pool = adopt(gst_rtsp_client_get_session_pool(client));
    GList *sessions = gst_rtsp_client_session_filter(client, nullptr, nullptr);
    for (const GList *at = sessions; at; at = at->next)
        gst_rtsp_session_pool_remove(pool.get(), GST_RTSP_SESSION(at->data));
    g_list_free_full(sessions, g_object_unref);
}

} // namespace

void hang_up(GstRTSPClient *client)
{
    // The server forgets its watch before it stops those who send, who then ask a watch that is none.
    gst_rtsp_client_set_send_messages_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_close(client);
}

std::function<void()> hang_up_later(GstRTSPClient *client)
{
    return [line = std::make_shared<Line>(client)] {
        post(
            [line] {
                auto there = line->client();
                if (!there)
                    return;
                end_sessions(there.get());
                hang_up(there.get());
            },
            line->context());
    };
}

} // namespace butaca::playback::rtsp
