// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/stream.h"

#include <algorithm>
#include <optional>

#include "src/base/encoding.h"
#include "src/gateway/delivery.h"
#include "src/gateway/playback_access.h"
#include "src/http/range.h"
#include "src/playback/bandwidth.h"
#include "src/playback/hls.h"
#include "src/playback/ts/packager.h"
#include "src/playback/webvtt.h"

namespace butaca::gateway {

namespace {

using playback::Bandwidth;
using playback::Container;
using playback::SegmentKey;
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
                   playback::ts::Codec codec, double frames_per_s)
{
    auto bandwidth =
        playback::corrected(rendition.bandwidth, segment_durations_s(rendition), [&](std::int64_t k) {
            return services.segments.known_size({segment_owner(rendition, k), k});
        });
    return container == Container::mp4 ? bandwidth : playback::ts::bandwidth(bandwidth, codec, frames_per_s);
}

std::string multivariant(const Services &services, const playback::Presentation &presentation,
                         Container container)
{
    std::vector<Bandwidth> video;
    std::vector<Bandwidth> audio;
    for (const auto &rendition : presentation.video)
        video.push_back(measured(services, rendition, container, playback::ts::Codec::h264,
                                 static_cast<double>(rendition.frame_rate.num) /
                                     static_cast<double>(rendition.frame_rate.den)));
    for (const auto &rendition : presentation.audio)
        audio.push_back(measured(services, rendition, container, playback::ts::Codec::aac,
                                 static_cast<double>(rendition.timeline.rate) /
                                     static_cast<double>(rendition.timeline.frame_samples)));
    std::optional<Bandwidth> keyframes;
    // Each of its segments holds one picture.
    if (const auto &rendition = presentation.keyframes)
        keyframes =
            measured(services, *rendition, container, playback::ts::Codec::h264,
                     static_cast<double>(rendition->timeline->segments()) * rendition->timeline->timescale /
                         static_cast<double>(rendition->timeline->duration_ticks()));
    return multivariant_playlist(presentation, video, audio, container, keyframes);
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

// The number that stands before the suffix, in its one way of writing.
std::optional<std::int64_t> number_before(std::string_view file, std::string_view suffix)
{
    if (!file.ends_with(suffix))
        return std::nullopt;
    std::string_view digits = file.substr(0, file.size() - suffix.size());
    auto number = to_integer<std::int64_t>(digits);
    return number && *number >= 0 && std::to_string(*number) == digits ? number : std::nullopt;
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

struct TextSegment {
    const playback::SubtitleRendition *rendition;
    std::size_t number;
    Container container;
};

// "3.vtt" and "3.ts.vtt" of a rendition of subtitles.
std::optional<TextSegment> find_text(const playback::Presentation &presentation, std::string_view id,
                                     std::string_view file)
{
    for (const auto &rendition : presentation.subtitles) {
        if (rendition.id != id)
            continue;
        for (auto container : {Container::transport_stream, Container::mp4}) {
            auto number = number_before(file, playback::text_segment_suffix(container));
            if (number && static_cast<std::size_t>(*number) + 1 < rendition.borders_ns.size())
                return TextSegment{&rendition, static_cast<std::size_t>(*number), container};
        }
    }
    return std::nullopt;
}

void send_text(Services &services, const std::string &digest, const PlayablePtr &playable,
               const TextSegment &segment, const RequestPtr &request, const http::Responder &responder)
{
    const auto &rendition = *segment.rendition;
    std::string tag = "\"" + rendition.id + "." + std::to_string(segment.number) +
                      (segment.container == Container::mp4 ? "" : ".ts") + "\"";
    auto headers = [tag](http::Response response) {
        response.headers.set("ETag", tag);
        response.headers.set("Cache-Control", "private, max-age=31536000, immutable");
        return response;
    };
    if (request->headers.get("If-None-Match") == tag)
        return responder.respond(headers(http::Response::empty(304)));
    services.origins.subtitles(
        digest, playable->presentation->asset->subtitles[rendition.track],
        [playable, segment, headers, responder](Result<std::shared_ptr<const media::Subtitles>> cues) {
            if (!cues)
                return responder.respond(cues.error());
            const auto &borders = segment.rendition->borders_ns;
            bool ts = segment.container == Container::transport_stream;
            responder.respond(headers(http::Response::text(
                200, "text/vtt; charset=utf-8",
                playback::webvtt_segment(**cues, playable->presentation->zero_ns, borders[segment.number],
                                         borders[segment.number + 1], ts ? playback::ts::zero_time : 0))));
        });
}

} // namespace

void send_multivariant(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    with_playable(services, request, responder,
                  [&services, request, responder](const PlaybackTicket &ticket, const PlayablePtr &playable) {
                      const auto &presentation = *playable->presentation;
                      auto container = chosen_container(ticket.wishes, presentation, *request);
                      auto response = playlist(multivariant(services, presentation, container), false);
                      response.headers.set("Vary", "User-Agent");
                      responder.respond(std::move(response));
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
                return responder.respond(playlist(std::move(*text), true));
            }
            if (auto text = find_text(*playable->presentation, rendition, file))
                return send_text(services, ticket.digest, playable, *text, request, responder);
            auto name = segment_name(file);
            auto jobs = playable->jobs(rendition);
            if (!name || !jobs || name->number >= jobs->segments())
                return responder.respond(Error{ErrorCode::not_found, "there is no such segment", "", 0});
            deliver_segment(services.segments, jobs, *name, ticket.id, request, responder);
        });
}

} // namespace butaca::gateway
