// SPDX-License-Identifier: LGPL-2.1-or-later
// Opus of constant rate in Ogg (RFC 7845): packets of one size on pages whose sizes follow from their number.
#pragma once

#include "src/playback/files/file_format.h"

namespace butaca::playback::files {

class OpusFile final : public FileFormat {
public:
    OpusFile(AudioRendition rendition, const media::Tags &tags, unsigned source_rate);
    std::string_view content_type() const override { return "audio/ogg; codecs=opus"; }
    std::optional<std::uint64_t> piece_bytes(std::size_t piece) const override;
    std::unique_ptr<PieceMaker> begin(std::size_t piece) override;

private:
    class Pages;
    struct Page {
        std::uint8_t flags = 0;
        std::uint64_t granule = 0;
        std::uint32_t number = 0;
    };
    std::string page(const Page &page, const std::vector<std::string_view> &packets) const;
    std::uint32_t pages_before(std::size_t piece) const;

    std::size_t packet_bytes_;
    std::uint32_t serial_;
};

} // namespace butaca::playback::files
