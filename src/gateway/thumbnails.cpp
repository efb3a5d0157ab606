// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/thumbnails.h"

#include <utility>

#include "src/gateway/gathering.h"
#include "src/gateway/playback_access.h"
#include "src/http/range.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;

Error no_such_picture() { return {ErrorCode::not_found, "there is no such picture", {}, 0}; }

http::Response immutable(http::Response response)
{
    response.headers.set("Cache-Control", "private, max-age=31536000, immutable");
    return response;
}

std::string tag_of(const playback::SegmentKey &key)
{
    return "\"" + key.rendition + "." + std::to_string(key.number) + "\"";
}

void deliver(Services &services, const std::shared_ptr<const playback::JobSource> &sheets,
             std::int64_t number, const RequestPtr &request, const http::Responder &responder)
{
    const auto key = sheets->key(number);
    const std::string tag = tag_of(key);
    // What the client has already is right for ever: no need to make it in order to say so.
    if (request->headers.get("If-None-Match") == tag) {
        auto response = http::Response::empty(304);
        response.headers.set("ETag", tag);
        return responder.respond(immutable(std::move(response)));
    }
    auto send = [request, responder, tag](std::shared_ptr<GBytes> bytes) {
        responder.respond(immutable(http::serve_bytes(*request, std::move(bytes), tag, "image/jpeg")));
    };
    if (auto bytes = services.segments.cached(key))
        return send(bytes);
    // Who goes away waits no more: the connection's end is all that keeps it.
    auto held = std::make_shared<std::shared_ptr<Gathering>>();
    *held = Gathering::begin(
        services.segments, sheets, number, "",
        [send, responder, held](Result<std::string> whole) {
            whole ? send(http::share_bytes(std::move(*whole))) : responder.respond(whole.error());
            held->reset();
        },
        playback::Priority::thumbnail);
    responder.on_gone([held] { held->reset(); });
}

} // namespace

void send_thumbnail_index(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(
        services, request, responder, [responder](const PlaybackTicket &, const PlayablePtr &playable) {
            const auto &thumbnails = playable->presentation->thumbnails;
            if (!thumbnails)
                return responder.respond(no_such_picture());
            responder.respond(immutable(
                http::Response::text(200, "text/vtt; charset=utf-8", playback::thumbnails_vtt(*thumbnails))));
        });
}

void send_thumbnail_sheet(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(services, request, responder,
                  [&services, request, responder](const PlaybackTicket &, const PlayablePtr &playable) {
                      auto number = playback::sheet_number(request->params.find("file")->second);
                      const auto &sheets = playable->thumbnails;
                      if (!number || !sheets || *number >= sheets->segments())
                          return responder.respond(no_such_picture());
                      deliver(services, sheets, *number, request, responder);
                  });
}

} // namespace butaca::gateway
