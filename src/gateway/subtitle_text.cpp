// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/subtitle_text.h"

#include "src/gateway/file_number.h"
#include "src/playback/dash.h"
#include "src/playback/hls.h"
#include "src/playback/ts/packager.h"
#include "src/playback/webvtt.h"

namespace butaca::gateway {

namespace {

using playback::Container;

std::string text_of(const CuesFile &file, const media::Subtitles &cues, std::int64_t zero_ns)
{
    const auto &borders = file.rendition->borders_ns;
    if (!file.segment)
        return playback::webvtt_file(cues, zero_ns, borders.back());
    bool ts = file.container == Container::transport_stream;
    return playback::webvtt_segment(cues, zero_ns, borders[*file.segment], borders[*file.segment + 1],
                                    ts ? playback::ts::zero_time : 0);
}

std::string tag_of(const CuesFile &file)
{
    std::string piece = file.segment ? std::to_string(*file.segment) : "whole";
    return "\"" + file.rendition->id + "." + piece + (file.container == Container::mp4 ? "" : ".ts") + "\"";
}

} // namespace

std::optional<CuesFile> find_cues(const playback::Presentation &presentation, std::string_view rendition,
                                  std::string_view file)
{
    for (const auto &candidate : presentation.subtitles) {
        if (candidate.id != rendition)
            continue;
        if (file == playback::cues_file)
            return CuesFile{&candidate, std::nullopt, Container::mp4};
        for (auto container : {Container::transport_stream, Container::mp4}) {
            auto number = number_before(file, playback::text_segment_suffix(container));
            if (number && static_cast<std::size_t>(*number) + 1 < candidate.borders_ns.size())
                return CuesFile{&candidate, static_cast<std::size_t>(*number), container};
        }
    }
    return std::nullopt;
}

void send_cues(Services &services, const std::string &digest,
               const std::shared_ptr<const playback::Playable> &playable, const CuesFile &file,
               const std::shared_ptr<const http::Request> &request, const http::Responder &responder)
{
    std::string tag = tag_of(file);
    auto headers = [tag](http::Response response) {
        response.headers.set("ETag", tag);
        response.headers.set("Cache-Control", "private, max-age=31536000, immutable");
        return response;
    };
    if (request->headers.get("If-None-Match") == tag)
        return responder.respond(headers(http::Response::empty(304)));
    services.origins.subtitles(
        digest, playable->presentation->asset->subtitles[file.rendition->track],
        [playable, file, headers, responder](Result<std::shared_ptr<const media::Subtitles>> cues) {
            if (!cues)
                return responder.respond(cues.error());
            responder.respond(headers(http::Response::text(
                200, "text/vtt; charset=utf-8", text_of(file, **cues, playable->presentation->zero_ns))));
        });
}

} // namespace butaca::gateway
