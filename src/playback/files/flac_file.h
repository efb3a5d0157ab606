// SPDX-License-Identifier: LGPL-2.1-or-later
// Native FLAC (RFC 9639). How long a piece is shows once it has been made.
#pragma once

#include <vector>

#include "src/playback/files/file_format.h"

namespace butaca::playback::files {

class FlacFile final : public FileFormat {
public:
    static Result<std::shared_ptr<FileFormat>> make(AudioRendition rendition, const media::Tags &tags,
                                                    ByteView init);
    std::string_view content_type() const override { return "audio/flac"; }
    std::optional<std::uint64_t> piece_bytes(std::size_t piece) const override { return sizes_[piece]; }
    std::unique_ptr<PieceMaker> begin(std::size_t piece) override;

    FlacFile(AudioRendition rendition, const media::Tags &tags, const std::string &stream_info);

private:
    class Frames;
    std::vector<std::optional<std::uint64_t>> sizes_;
};

// The same frame with another number, and both its checksums right (RFC 9639, 9.1 and 9.3). `internal` when
// it is no frame of fixed block size.
Result<std::string> renumbered_flac_frame(ByteView frame, std::uint32_t number);

} // namespace butaca::playback::files
