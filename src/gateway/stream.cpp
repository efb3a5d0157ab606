// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/stream.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "src/gateway/delivery.h"
#include "src/gateway/file_number.h"
#include "src/gateway/playback_access.h"
#include "src/gateway/playback_ticket.h"
#include "src/gateway/subtitle_text.h"
#include "src/http/range.h"
#include "src/playback/bandwidth.h"
#include "src/playback/dash.h"
#include "src/playback/hls.h"
#include "src/playback/ts/packager.h"

namespace butaca::gateway {

namespace {

using playback::Bandwidth;
using playback::Container;
using playback::SegmentKey;
using RequestPtr = std::shared_ptr<const http::Request>;

constexpr std::string_view playlist_type = "application/vnd.apple.mpegurl";
constexpr std::string_view manifest_type = "application/dash+xml";

// What names renditions with their bandwidths is asked for anew, for these grow truer while segments are
// made; the other playlists never change.
enum class Freshness { grows_truer, for_ever };

http::Response playlist(std::string text, std::string_view type, Freshness freshness)
{
    http::Response response = http::Response::text(200, type, std::move(text));
    response.headers.set("Cache-Control",
                         freshness == Freshness::for_ever ? "private, max-age=3600" : "private, no-cache");
    return response;
}

// What was asked for; else what suits the player, if the presentation fits into it.
Container chosen_container(const playback::Wishes &wishes, const playback::Presentation &presentation,
                           const http::Request &request)
{
    if (wishes.container)
        return *wishes.container;
    auto suited = playback::container_for(request.headers.get("User-Agent").value_or(""));
    return fits_transport_stream(presentation) ? suited : Container::mp4;
}

const std::string &segment_owner(const playback::VideoRendition &rendition, std::int64_t k)
{
    return rendition.id_of(k);
}
const std::string &segment_owner(const playback::AudioRendition &rendition, std::int64_t)
{
    return rendition.id;
}

// How a rendition weighs on the line, by what is known of its segments so far.
template <typename Rendition>
Bandwidth measured(const Services &services, const Rendition &rendition, Container container,
                   playback::ts::Codec codec, double frames_per_s, unsigned target_s)
{
    const auto durations_s = segment_durations_s(rendition);
    if (container == Container::transport_stream) {
        const auto packed = playback::corrected(
            {}, durations_s,
            [&](std::int64_t k) {
                return services.packed_sizes.find({segment_owner(rendition, k), k});
            },
            target_s);
        if (packed.measured)
            return packed;
    }
    auto bandwidth =
        playback::corrected(rendition.bandwidth, durations_s,
                            playback::known_or(
                                [&](std::int64_t k) {
                                    return services.segments.known_size({segment_owner(rendition, k), k});
                                },
                                rendition.copied_bytes),
                            target_s);
    if (container == Container::mp4)
        return bandwidth;
    const double length_s = std::accumulate(durations_s.begin(), durations_s.end(), 0.0);
    const double segments_per_s = length_s > 0 ? static_cast<double>(durations_s.size()) / length_s : 0;
    return playback::ts::bandwidth(bandwidth, codec, frames_per_s, segments_per_s);
}

// Of all renditions of a presentation, by position; peaks as corrected() has them.
struct Bandwidths {
    std::vector<Bandwidth> video;
    std::vector<Bandwidth> audio;
    std::optional<Bandwidth> keyframes;
};

Bandwidths bandwidths(const Services &services, const playback::Presentation &presentation,
                      Container container, unsigned target_s)
{
    Bandwidths out;
    for (const auto &rendition : presentation.video)
        out.video.push_back(measured(services, rendition, container, playback::ts::Codec::h264,
                                     static_cast<double>(rendition.frame_rate.num) /
                                         static_cast<double>(rendition.frame_rate.den),
                                     target_s));
    for (const auto &rendition : presentation.audio)
        out.audio.push_back(measured(services, rendition, container, playback::ts::Codec::aac,
                                     static_cast<double>(rendition.timeline.rate) /
                                         static_cast<double>(rendition.timeline.frame_samples),
                                     target_s));
    // Each of its segments holds one picture.
    if (const auto &rendition = presentation.keyframes)
        out.keyframes =
            measured(services, *rendition, container, playback::ts::Codec::h264,
                     static_cast<double>(rendition->timeline->segments()) * rendition->timeline->timescale /
                         static_cast<double>(rendition->timeline->duration_ticks()),
                     target_s);
    return out;
}

std::optional<std::string> media_playlist_of(const playback::Presentation &presentation,
                                             std::string_view rendition, Container container)
{
    unsigned target_s = playback::target_duration_s(presentation);
    for (const auto &video : presentation.video)
        if (video.id == rendition)
            return media_playlist(video, target_s, container);
    if (presentation.keyframes && presentation.keyframes->id == rendition)
        return media_playlist(*presentation.keyframes, target_s, container);
    for (const auto &audio : presentation.audio)
        if (audio.id == rendition)
            return media_playlist(audio, target_s, container);
    for (const auto &subtitles : presentation.subtitles)
        if (subtitles.id == rendition)
            return media_playlist(subtitles, container);
    return std::nullopt;
}

std::optional<Container> container_of_playlist(std::string_view file)
{
    for (auto container : {Container::mp4, Container::transport_stream})
        if (file == playback::media_playlist_name(container))
            return container;
    return std::nullopt;
}

// "init.mp4" is the init segment, "17.m4s" segment 17, "17.ts" the same as a transport stream. Nothing for
// any other name, "017.m4s" and "+1.m4s" included: each segment has exactly one URL in each container.
std::optional<SegmentName> segment_name(std::string_view file)
{
    if (file == "init.mp4")
        return SegmentName{playback::init_segment, Container::mp4};
    for (auto container : {Container::mp4, Container::transport_stream}) {
        auto suffix = playback::segment_suffix(container);
        if (auto number = number_before(file, suffix))
            return SegmentName{*number, container};
    }
    return std::nullopt;
}

} // namespace

void send_multivariant(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(services, request, responder,
                  [&services, request, responder](const PlaybackTicket &ticket, const PlayablePtr &playable) {
                      const auto &presentation = *playable->presentation;
                      auto container = chosen_container(ticket.wishes, presentation, *request);
                      auto weights =
                          bandwidths(services, presentation, container, target_duration_s(presentation));
                      auto response =
                          playlist(multivariant_playlist(presentation, weights.video, weights.audio,
                                                         container, weights.keyframes),
                                   playlist_type, Freshness::grows_truer);
                      response.headers.set("Vary", "User-Agent");
                      responder.respond(std::move(response));
                  });
}

void send_dash_manifest(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(services, request, responder,
                  [&services, responder](const PlaybackTicket &, const PlayablePtr &playable) {
                      const auto &presentation = *playable->presentation;
                      // Of any one segment: that is what minBufferTime has to be enough for.
                      auto weights = bandwidths(services, presentation, Container::mp4, 0);
                      responder.respond(playlist(dash_manifest(presentation, weights.video, weights.audio),
                                                 manifest_type, Freshness::grows_truer));
                  });
}

void send_part(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(
        services, request, responder,
        [&services, request, responder](const PlaybackTicket &ticket, const PlayablePtr &playable) {
            const std::string &rendition = request->params.find("rendition")->second;
            const std::string &file = request->params.find("file")->second;
            if (auto container = container_of_playlist(file)) {
                auto text = media_playlist_of(*playable->presentation, rendition, *container);
                if (!text)
                    return responder.respond(
                        Error{ErrorCode::not_found, "there is no such rendition", "", 0});
                return responder.respond(playlist(std::move(*text), playlist_type, Freshness::for_ever));
            }
            if (auto text = find_cues(*playable->presentation, rendition, file))
                return send_cues(services, ticket.digest, playable, *text, request, responder);
            auto name = segment_name(file);
            auto jobs = playable->jobs(rendition);
            if (!name || !jobs || name->number >= jobs->segments())
                return responder.respond(Error{ErrorCode::not_found, "there is no such segment", "", 0});
            deliver_segment(services.segments, services.packed_sizes, jobs, *name, ticket.id, request,
                            responder);
        });
}

} // namespace butaca::gateway
