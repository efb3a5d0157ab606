// SPDX-License-Identifier: LGPL-2.1-or-later
// Subtitles as the WebVTT that players fetch: in segments for HLS, whole for DASH.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// A piece of one rendition of subtitles.
struct CuesFile {
    const playback::SubtitleRendition *rendition;
    std::optional<std::size_t> segment; // nothing: the whole
    playback::Container container;      // whose clock the times of a segment are on
};

// What "3.vtt", "3.ts.vtt" and "cues.vtt" of a rendition mean; nothing for other names and renditions. The
// result points into the presentation.
std::optional<CuesFile> find_cues(const playback::Presentation &presentation, std::string_view rendition,
                                  std::string_view file);

// Answers once, with the cues of the asset with this digest; an error of its origin as a problem document.
void send_cues(Services &services, const std::string &digest,
               const std::shared_ptr<const playback::Playable> &playable, const CuesFile &file,
               const std::shared_ptr<const http::Request> &request, const http::Responder &responder);

} // namespace butaca::gateway
