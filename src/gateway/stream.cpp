// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/stream.h"

#include <algorithm>
#include <optional>

#include "src/base/encoding.h"
#include "src/gateway/delivery.h"
#include "src/gateway/playback_ticket.h"
#include "src/http/range.h"
#include "src/playback/bandwidth.h"
#include "src/playback/hls.h"

namespace butaca::gateway {

namespace {

using playback::Playable;
using playback::SegmentKey;
using PlayablePtr = std::shared_ptr<const Playable>;
using RequestPtr = std::shared_ptr<const http::Request>;

constexpr std::string_view playlist_type = "application/vnd.apple.mpegurl";

http::Response playlist(std::string text, bool whole_truth)
{
    http::Response response = http::Response::text(200, playlist_type, std::move(text));
    // BANDWIDTH grows truer while segments are made, so that playlist is asked for anew; the others never
    // change.
    response.headers.set("Cache-Control", whole_truth ? "private, max-age=3600" : "private, no-cache");
    return response;
}

// Opens the ticket, finds the presentation, and goes on with it; every failure is answered here.
void with_playable(Services &services, const RequestPtr &request, const http::Responder &responder,
                   std::function<void(const PlaybackTicket &, const PlayablePtr &)> go_on)
{
    auto ticket = open_ticket(services.key, request->params.find("token")->second, unix_now_s());
    if (!ticket)
        return responder.respond(ticket.error());
    services.presentations.get(
        ticket->digest, ticket->wishes,
        [ticket = *ticket, responder, go_on = std::move(go_on)](Result<PlayablePtr> playable) {
            playable ? go_on(ticket, *playable) : responder.respond(playable.error());
        });
}

std::optional<std::string> media_playlist_of(const playback::Presentation &presentation,
                                             std::string_view rendition)
{
    unsigned target_s = playback::target_duration_s(presentation);
    for (const auto &video : presentation.video)
        if (video.id == rendition)
            return media_playlist(video, target_s);
    for (const auto &audio : presentation.audio)
        if (audio.id == rendition)
            return media_playlist(audio, target_s);
    return std::nullopt;
}

// "init.mp4" is the init segment, "17.m4s" segment 17. Nothing for any other name, "017.m4s" and "+1.m4s"
// included: each segment has exactly one URL.
std::optional<std::int64_t> segment_number(std::string_view file)
{
    if (file == "init.mp4")
        return playback::init_segment;
    if (!file.ends_with(".m4s"))
        return std::nullopt;
    std::string_view digits = file.substr(0, file.size() - 4);
    auto number = to_integer<std::int64_t>(digits);
    if (!number || *number < 0 || std::to_string(*number) != digits)
        return std::nullopt;
    return number;
}

} // namespace

void send_multivariant(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(services, request, responder,
                  [&services, responder](const PlaybackTicket &, const PlayablePtr &playable) {
                      const auto &presentation = *playable->presentation;
                      auto measured = [&](const auto &rendition) {
                          return playback::corrected(
                              rendition.bandwidth, segment_durations_s(rendition), [&](std::int64_t k) {
                                  return services.segments.known_size({rendition.id, k});
                              });
                      };
                      std::vector<playback::Bandwidth> video;
                      std::vector<playback::Bandwidth> audio;
                      for (const auto &rendition : presentation.video)
                          video.push_back(measured(rendition));
                      for (const auto &rendition : presentation.audio)
                          audio.push_back(measured(rendition));
                      responder.respond(playlist(multivariant_playlist(presentation, video, audio), false));
                  });
}

void send_part(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(
        services, request, responder,
        [&services, request, responder](const PlaybackTicket &ticket, const PlayablePtr &playable) {
            const std::string &rendition = request->params.find("rendition")->second;
            const std::string &file = request->params.find("file")->second;
            if (file == "index.m3u8") {
                auto text = media_playlist_of(*playable->presentation, rendition);
                if (!text)
                    return responder.respond(
                        Error{ErrorCode::not_found, "there is no such rendition", "", 0});
                return responder.respond(playlist(std::move(*text), true));
            }
            auto number = segment_number(file);
            auto jobs = playable->jobs(rendition);
            if (!number || !jobs || *number >= jobs->segments())
                return responder.respond(Error{ErrorCode::not_found, "there is no such segment", "", 0});
            deliver_segment(services.segments, jobs, *number, ticket.id, request, responder);
        });
}

} // namespace butaca::gateway
