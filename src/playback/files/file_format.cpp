// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/files/file_format.h"

#include <algorithm>

#include "src/playback/files/flac_file.h"
#include "src/playback/files/m4a_file.h"
#include "src/playback/files/mp3_file.h"
#include "src/playback/files/opus_file.h"

namespace butaca::playback::files {

std::optional<std::uint64_t> FileFormat::size_bytes() const
{
    std::uint64_t size = head_.size();
    for (std::size_t k = 0; k < pieces(); k++) {
        auto bytes = piece_bytes(k);
        if (!bytes)
            return std::nullopt;
        size += *bytes;
    }
    return size;
}

Result<std::string> FileFormat::piece(std::size_t piece, ByteView segment)
{
    auto maker = begin(piece);
    auto fed = maker->feed(segment);
    if (!fed)
        return fed;
    auto rest = maker->finish();
    return rest ? Result<std::string>(*fed + *rest) : rest;
}

bool needs_init(std::string_view format) { return format == "m4a" || format == "flac"; }

Result<std::shared_ptr<FileFormat>> make_file(std::string_view format, const Presentation &presentation,
                                              ByteView init)
{
    const bool known = std::find(formats.begin(), formats.end(), format) != formats.end();
    if (presentation.audio.size() != 1 || !known)
        return fail(ErrorCode::internal, "this title cannot be sent as one file");
    const auto &rendition = presentation.audio.front();
    const auto &tags = presentation.asset->tags;
    if (format == "mp3")
        return std::make_shared<Mp3File>(rendition, tags);
    if (format == "opus")
        return std::make_shared<OpusFile>(rendition, tags, presentation.asset->audio[rendition.track].rate);
    if (format == "flac")
        return FlacFile::make(rendition, tags, init);
    return M4aFile::make(rendition, tags, init);
}

} // namespace butaca::playback::files
