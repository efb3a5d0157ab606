// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/rendition.h"

#include <array>
#include <cstdio>

#include "src/base/encoding.h"
#include "src/media/levels.h"

namespace butaca::media {

namespace {

constexpr std::size_t identity_digits = 32; // 128 bits: no two renditions ever share them

// Fields joined by a character that none of them contains.
class Canonical {
public:
    Canonical &operator<<(const std::string &text)
    {
        text_ += text;
        text_ += '\n';
        return *this;
    }
    Canonical &operator<<(std::uint64_t number) { return *this << std::to_string(number); }
    std::string digest() const { return sha256_hex(text_).substr(0, identity_digits); }

private:
    std::string text_;
};

std::string hex_triple(unsigned a, unsigned b, unsigned c)
{
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%02X%02X%02X", a & 0xffU, b & 0xffU, c & 0xffU);
    return text.data();
}

} // namespace

std::string rendition_identity(const std::string &asset_digest, unsigned track,
                               const VideoTransform &transform, const std::string &grid,
                               const std::string &encoder)
{
    Canonical all;
    all << "video" << bytes_version << asset_digest << track << grid
        << (transform.copy        ? "copy"
            : transform.keyframes ? "keyframes"
                                  : "encode");
    if (!transform.copy)
        all << transform.codec << transform.width << transform.height << transform.rotation << transform.level
            << transform.constant_quality << transform.max_bitrate_bps << encoder;
    // Only where it is: all others keep the names that they had before anybody asked.
    if (transform.mirrored)
        all << "mirrored";
    return all.digest();
}

std::string rendition_identity(const std::string &asset_digest, unsigned track,
                               const AudioTransform &transform, const std::string &grid,
                               const std::string &encoder)
{
    Canonical all;
    all << "audio" << bytes_version << asset_digest << track << grid << (transform.copy ? "copy" : "encode");
    if (!transform.copy)
        all << transform.codec << transform.bitrate_bps << transform.channels << transform.rate
            << transform.frame_samples << transform.constant_rate << transform.lead_frames
            << std::to_string(transform.gain_mdb) << transform.night << encoder;
    return all.digest();
}

std::string codec_string(const VideoTransform &transform)
{
    // High profile, no constraint flags: what `videotranscode` is told to write (ISO 14496-10, A.2.4).
    if (transform.codec == "h264")
        return "avc1." + hex_triple(100, 0, level_number("h264", transform.level));
    // Main profile, main tier; general_level_idc is 30 times the level (ISO 14496-15, E.3).
    if (transform.codec == "hevc")
        return "hvc1.1.6.L" + std::to_string(level_number("hevc", transform.level)) + ".90";
    // Profile 0, 8 bits (Codec ISO Media File Format Binding for VP9, "Codecs Parameter String").
    if (transform.codec == "vp9") {
        std::array<char, 24> text{};
        std::snprintf(text.data(), text.size(), "vp09.00.%02u.08", level_number("vp9", transform.level));
        return text.data();
    }
    // Main profile and tier, 8 bits (AV1 Codec ISO Media File Format Binding, 5).
    if (transform.codec == "av1") {
        std::array<char, 24> text{};
        std::snprintf(text.data(), text.size(), "av01.0.%02uM.08", level_number("av1", transform.level));
        return text.data();
    }
    return {};
}

std::string codec_string(const AudioTransform &transform)
{
    if (transform.codec == "aac")
        return "mp4a.40.2";
    if (transform.codec == "mp3")
        return "mp4a.40.34";
    if (transform.codec == "flac")
        return "fLaC";
    return transform.codec == "opus" ? "Opus" : "";
}

} // namespace butaca::media
