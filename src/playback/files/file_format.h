// SPDX-License-Identifier: LGPL-2.1-or-later
// Sound as one file for players that know no playlists: a head, then one piece for each segment of a
// rendition. What a file is made of is known before anything of it is, except for FLAC, so that any part of
// it can be asked for first.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/playback/presentation.h"

namespace butaca::playback::files {

using ByteView = std::span<const std::uint8_t>;

// Makes one piece out of the bytes of its segment while they come.
class PieceMaker {
public:
    virtual ~PieceMaker() = default;
    // What can be sent of the piece by now. `internal` when the segment is none of ours.
    virtual Result<std::string> feed(ByteView bytes) = 0;
    // The rest, once the segment is whole. `too_large` when it does not fit into its place (m4a alone, which
    // gives nothing before).
    virtual Result<std::string> finish() = 0;
};

// One file. Belongs to the loop.
class FileFormat {
public:
    explicit FileFormat(AudioRendition rendition) : rendition_(std::move(rendition)) {}
    virtual ~FileFormat() = default;
    FileFormat(const FileFormat &) = delete;
    FileFormat &operator=(const FileFormat &) = delete;

    virtual std::string_view content_type() const = 0;
    const std::string &head() const { return head_; }
    std::size_t pieces() const { return rendition_.timeline.segments(); }
    // How long a piece is; nothing while nobody can know.
    virtual std::optional<std::uint64_t> piece_bytes(std::size_t piece) const = 0;
    // For the piece that a segment of the rendition becomes. Must not outlive this.
    virtual std::unique_ptr<PieceMaker> begin(std::size_t piece) = 0;
    // All of it at once.
    Result<std::string> piece(std::size_t piece, ByteView segment);
    // Of the whole; nothing while a piece's length is not known.
    std::optional<std::uint64_t> size_bytes() const;
    const AudioRendition &rendition() const { return rendition_; }

protected:
    const media::AudioTimeline &timeline() const { return rendition_.timeline; }
    std::uint32_t packets_in(std::size_t piece) const
    {
        return timeline().borders[piece + 1] - timeline().borders[piece];
    }
    // What is to be heard, without the frames before presentation time 0.
    std::int64_t heard_samples() const
    {
        return timeline().total_samples - std::int64_t{timeline().lead_frames} * timeline().frame_samples;
    }
    void set_head(std::string head) { head_ = std::move(head); }

private:
    AudioRendition rendition_;
    std::string head_;
};

// The formats there are. Only the last two need the init segment.
inline constexpr std::array<const char *, 4> formats = {"mp3", "opus", "m4a", "flac"};
bool needs_init(std::string_view format);

// A file of the only rendition of a presentation that was planned for it. `init` is its init segment, or
// nothing. `internal` when that is none of ours.
Result<std::shared_ptr<FileFormat>> make_file(std::string_view format, const Presentation &presentation,
                                              ByteView init);

} // namespace butaca::playback::files
