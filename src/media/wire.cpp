// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/wire.h"

#include "src/base/encoding.h"

namespace butaca::media {

namespace {

constexpr std::size_t checksum_size = 16; // hex digits of the SHA-256 of all that precedes them

} // namespace

void put_unsigned(std::string &out, std::uint64_t value)
{
    while (value >= 0x80) {
        out += static_cast<char>(0x80 | (value & 0x7f));
        value >>= 7;
    }
    out += static_cast<char>(value);
}

void put_signed(std::string &out, std::int64_t value)
{
    put_unsigned(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void put_bytes(std::string &out, std::string_view bytes)
{
    put_unsigned(out, bytes.size());
    out += bytes;
}

std::string seal_wire(std::string content)
{
    content += sha256_hex(content).substr(0, checksum_size);
    return content;
}

std::optional<std::string_view> open_wire(std::string_view bytes, std::string_view magic)
{
    if (bytes.size() < magic.size() + checksum_size || !bytes.starts_with(magic))
        return std::nullopt;
    std::string_view content = bytes.substr(0, bytes.size() - checksum_size);
    if (sha256_hex(content).compare(0, checksum_size, bytes.substr(content.size())) != 0)
        return std::nullopt;
    return content.substr(magic.size());
}

std::uint64_t WireReader::unsigned_number()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (at_ >= bytes_.size())
            return broken();
        auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    return broken();
}

std::int64_t WireReader::signed_number()
{
    std::uint64_t value = unsigned_number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

std::uint64_t WireReader::number_up_to(std::uint64_t most)
{
    std::uint64_t value = unsigned_number();
    return value <= most ? value : broken();
}

std::size_t WireReader::count() { return static_cast<std::size_t>(number_up_to(bytes_.size() - at_)); }

std::string_view WireReader::bytes(std::size_t most)
{
    std::size_t size = count();
    if (size > most) {
        broken();
        return {};
    }
    return fixed(size);
}

std::string_view WireReader::fixed(std::size_t size)
{
    if (size > bytes_.size() - at_) {
        broken();
        return {};
    }
    at_ += size;
    return bytes_.substr(at_ - size, size);
}

} // namespace butaca::media
