// SPDX-License-Identifier: LGPL-2.1-or-later
// MP3 of constant rate: a tag, a frame that says how long it is and what to skip, then frames of one size.
#pragma once

#include "src/playback/files/file_format.h"

namespace butaca::playback::files {

class Mp3File final : public FileFormat {
public:
    Mp3File(AudioRendition rendition, const media::Tags &tags);
    std::string_view content_type() const override { return "audio/mpeg"; }
    std::optional<std::uint64_t> piece_bytes(std::size_t piece) const override;
    std::unique_ptr<PieceMaker> begin(std::size_t piece) override;

private:
    std::string info_frame() const;
    std::size_t frame_bytes_;
};

} // namespace butaca::playback::files
