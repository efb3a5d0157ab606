// SPDX-License-Identifier: LGPL-2.1-or-later
// HMAC-SHA-256 by libsodium. What is signed: the purpose's length, the purpose, and the text up to the last
// dot. The length keeps ("ab", "c…") and ("a", "bc…") apart.
#include "src/base/signed.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <span>

#include <glib.h>
#include <sodium.h>

#include "src/base/encoding.h"
#include "src/base/files.h"

namespace butaca {

namespace {

using Digest = std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES>;
constexpr std::size_t key_file_limit_bytes = 256;

// Only the random source needs it. sodium_init() fails only without any source of randomness.
void start_sodium()
{
    static const bool started = sodium_init() >= 0;
    if (!started)
        g_error("there is no source of randomness");
}

std::string_view as_text(const Digest &digest)
{
    return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

Digest authenticate(std::span<const std::uint8_t> key, std::string_view purpose, std::string_view text)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    auto add = [&state](std::string_view part) {
        crypto_auth_hmacsha256_update(&state, reinterpret_cast<const std::uint8_t *>(part.data()),
                                      part.size());
    };
    add(std::to_string(purpose.size()) + ":");
    add(purpose);
    add(text);
    Digest digest{};
    crypto_auth_hmacsha256_final(&state, digest.data());
    sodium_memzero(&state, sizeof state);
    return digest;
}

// The 64 digits, and at most the one line end that editors and `echo` add.
std::optional<std::string> key_from(std::string_view text)
{
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 32)
        return std::nullopt;
    return bytes;
}

tl::unexpected<Error> wrong() { return fail(ErrorCode::unauthenticated, "the signature does not hold"); }

} // namespace

SigningKey SigningKey::random()
{
    start_sodium();
    SigningKey key;
    randombytes_buf(key.bytes_.data(), key.bytes_.size());
    return key;
}

Result<SigningKey> SigningKey::load(const std::string &path)
{
    auto text = read_file(path, key_file_limit_bytes);
    if (!text && text.error().code == ErrorCode::too_large)
        return fail(ErrorCode::invalid_argument, "the key file does not hold 64 hex digits", path);
    if (!text)
        return fail(std::move(text.error()).at("reading a signing key"));
    auto bytes = key_from(*text);
    sodium_memzero(text->data(), text->size());
    if (!bytes)
        return fail(ErrorCode::invalid_argument, "the key file does not hold 64 hex digits", path);
    SigningKey key;
    std::copy(bytes->begin(), bytes->end(), key.bytes_.begin());
    sodium_memzero(bytes->data(), bytes->size());
    return key;
}

Result<SigningKey> SigningKey::load_or_create(const std::string &path)
{
    auto loaded = load(path);
    if (loaded || loaded.error().code != ErrorCode::not_found)
        return loaded;
    SigningKey key = random();
    Status written = write_file_atomically(path, to_hex(key.bytes_) + "\n", 0600, Existing::keep);
    if (written)
        return key;
    // Another process made the file a moment ago: its key is the one.
    if (written.error().code == ErrorCode::conflict)
        return load(path);
    written.error().code = ErrorCode::internal;
    return fail(std::move(written.error()).at("making a signing key"));
}

std::string SigningKey::sign(std::string_view purpose, std::string_view payload,
                             std::int64_t expires_at_s) const
{
    std::string text = to_base64url(payload) + "." + std::to_string(expires_at_s);
    Digest digest = authenticate(bytes_, purpose, text);
    return text + "." + to_base64url(as_text(digest));
}

Result<std::string> SigningKey::verify(std::string_view purpose, std::string_view text,
                                       std::int64_t now_s) const
{
    std::size_t second = text.rfind('.');
    std::size_t first = text.find('.');
    if (first == std::string_view::npos || first == second)
        return wrong();
    auto signature = from_base64url(text.substr(second + 1));
    Digest digest = authenticate(bytes_, purpose, text.substr(0, second));
    if (!signature || signature->size() != digest.size() ||
        sodium_memcmp(signature->data(), digest.data(), digest.size()) != 0)
        return wrong();
    auto payload = from_base64url(text.substr(0, first));
    auto expires_at_s = to_integer<std::int64_t>(text.substr(first + 1, second - first - 1));
    if (!payload || !expires_at_s)
        return wrong();
    if (now_s > *expires_at_s)
        return fail(ErrorCode::unauthenticated, "the signature has expired");
    return *payload;
}

std::int64_t unix_now_s() { return ::time(nullptr); }

} // namespace butaca
