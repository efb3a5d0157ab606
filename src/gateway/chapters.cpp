// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/chapters.h"

#include "src/gateway/items.h"
#include "src/gateway/playback_access.h"
#include "src/playback/chapter_texts.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;
using Chapters = std::vector<media::Chapter>;

void send(Services &services, const RequestPtr &request, const http::Responder &responder,
          std::string_view type, std::function<std::string(const Chapters &)> write)
{
    with_playable(
        services, request, responder,
        [&services, responder, type, write = std::move(write)](const PlaybackTicket &ticket,
                                                               const PlayablePtr &playable) {
            // As they are now; the presentation may be older than a file beside the film.
            auto asset = services.origins.find(ticket.digest);
            const Chapters &chapters = media::chapters_of(asset ? *asset : *playable->presentation->asset);
            if (chapters.empty())
                return responder.respond(Error{ErrorCode::not_found, "this title has no chapters", {}, 0});
            auto response = http::Response::text(200, type, write(chapters));
            // A file beside the film may bring others at any time.
            response.headers.set("Cache-Control", "private, no-cache");
            responder.respond(std::move(response));
        });
}

} // namespace

void send_chapters_json(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    send(services, request, responder, "application/json", playback::chapters_json);
}

void send_chapters_vtt(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    send(services, request, responder, "text/vtt; charset=utf-8",
         [language = query_parameter(*request, "language")](const Chapters &chapters) {
             return playback::chapters_vtt(chapters, language);
         });
}

} // namespace butaca::gateway
