// SPDX-License-Identifier: LGPL-2.1-or-later
// AAC as a fragmented MP4 of known size: each fragment has a place of fixed length, whose end is free space,
// and an index (sidx) tells where each place begins.
#pragma once

#include "src/playback/files/file_format.h"

namespace butaca::playback::files {

class M4aFile final : public FileFormat {
public:
    static Result<std::shared_ptr<FileFormat>> make(AudioRendition rendition, const media::Tags &tags,
                                                    ByteView init);
    std::string_view content_type() const override { return "audio/mp4"; }
    std::optional<std::uint64_t> piece_bytes(std::size_t piece) const override;
    std::unique_ptr<PieceMaker> begin(std::size_t piece) override;

    M4aFile(AudioRendition rendition, const media::Tags &tags, ByteView moov);

private:
    std::string movie(ByteView moov, const media::Tags &tags) const;
    std::string index() const;
};

} // namespace butaca::playback::files
