// SPDX-License-Identifier: LGPL-2.1-or-later
// Hex, base64url, percent encoding and SHA-256 over libsodium, which needs no sodium_init() for any of these.
#include "src/base/encoding.h"

#include <array>

#include <sodium.h>

namespace butaca {

namespace {

constexpr std::string_view upper_digits = "0123456789ABCDEF";

bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

const std::uint8_t *as_bytes(std::string_view text)
{
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

} // namespace

std::string to_hex(std::span<const std::uint8_t> bytes)
{
    // sodium writes the terminating NUL too, so the buffer is one longer than the text.
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

std::optional<std::string> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string bytes(text.size() / 2, '\0');
    std::size_t length = 0;
    // Without an end pointer, sodium fails unless all of the text was used up.
    if (sodium_hex2bin(reinterpret_cast<std::uint8_t *>(bytes.data()), bytes.size(), text.data(), text.size(),
                       nullptr, &length, nullptr) != 0)
        return std::nullopt;
    return bytes;
}

std::string to_base64url(std::string_view bytes)
{
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), as_bytes(bytes), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return text;
}

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<std::uint8_t *>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return std::nullopt;
    bytes.resize(length);
    return bytes;
}

std::string percent_encode(std::string_view text)
{
    std::string encoded;
    encoded.reserve(text.size());
    for (char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
            continue;
        }
        auto byte = static_cast<std::uint8_t>(c);
        encoded += '%';
        encoded += upper_digits[byte >> 4];
        encoded += upper_digits[byte & 15];
    }
    return encoded;
}

std::string random_hex(std::size_t bytes)
{
    std::string random(bytes, '\0');
    randombytes_buf(random.data(), random.size());
    return to_hex({as_bytes(random), random.size()});
}

std::string sha256_hex(std::string_view bytes)
{
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), as_bytes(bytes), bytes.size());
    return to_hex(digest);
}

} // namespace butaca
