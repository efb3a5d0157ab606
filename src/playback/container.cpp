// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/container.h"

#include <algorithm>

#include "src/base/encoding.h"

namespace butaca::playback {

namespace {

// libavformat before this cannot seek in HLS of MP4 segments, whoever made them: it goes on reading at an
// offset of the place that it left. mpv has no demuxer of its own for HLS, and does not tell which version it
// was built with.
constexpr unsigned first_that_seeks = 62;

} // namespace

std::string_view to_string(Container container) { return container == Container::mp4 ? "mp4" : "ts"; }

std::optional<Container> container_from(std::string_view word)
{
    for (auto container : {Container::mp4, Container::transport_stream})
        if (word == to_string(container))
            return container;
    return std::nullopt;
}

Container container_for(std::string_view user_agent)
{
    constexpr std::string_view libavformat = "Lavf/";
    if (user_agent.starts_with("libmpv") || user_agent.starts_with("mpv"))
        return Container::transport_stream;
    if (!user_agent.starts_with(libavformat))
        return Container::mp4;
    auto version = user_agent.substr(libavformat.size());
    auto major = to_integer<unsigned>(version.substr(0, version.find('.')));
    return major && *major < first_that_seeks ? Container::transport_stream : Container::mp4;
}

bool fits_transport_stream(const Presentation &presentation)
{
    return std::all_of(presentation.video.begin(), presentation.video.end(),
                       [](const auto &rendition) { return rendition.codecs.starts_with("avc1."); }) &&
           std::all_of(presentation.audio.begin(), presentation.audio.end(),
                       [](const auto &rendition) { return rendition.codecs == "mp4a.40.2"; });
}

} // namespace butaca::playback
