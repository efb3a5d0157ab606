// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/session/passwords.h"

#include <array>
#include <mutex>

#include <sodium.h>

namespace butaca::session {

namespace {

constexpr std::size_t least_characters = 8;
constexpr std::size_t most_bytes = 1024;
constexpr std::size_t waiting_most = 256;

std::size_t characters(std::string_view text)
{
    std::size_t count = 0;
    for (const char byte : text)
        count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

Error busy()
{
    return {ErrorCode::unavailable, "the server is busy just now", "too many passwords to hash", 2};
}

} // namespace

Status check_password(std::string_view password)
{
    if (characters(password) < least_characters)
        return fail(ErrorCode::invalid_argument, "a password must have at least 8 characters");
    if (password.size() > most_bytes)
        return fail(ErrorCode::invalid_argument, "a password may have at most 1024 bytes");
    return {};
}

Result<std::string> hash_password(const std::string &password, HashCost cost)
{
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (sodium_init() < 0)
        return fail(ErrorCode::internal, "the server cannot check passwords", "libsodium does not start");
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(ErrorCode::unavailable, "the server is busy just now", "no memory to hash a password");
    return std::string(text.data());
}

// What the threads share; they may end after the owner.
struct Passwords::State {
    explicit State(HashCost hash_cost) : cost(hash_cost) {}

    const HashCost cost;
    std::once_flag once;
    std::string nobodys; // the hash of what no one knows

    const std::string &hash_of_nobody()
    {
        std::call_once(once, [this] {
            std::array<char, 32> secret{};
            randombytes_buf(secret.data(), secret.size());
            nobodys = hash_password({secret.data(), secret.size()}, cost).value_or("");
        });
        return nobodys;
    }

    Result<Verdict> verify(const std::optional<std::string> &hash, const std::string &password)
    {
        const std::string &known = hash ? *hash : hash_of_nobody();
        if (known.size() >= crypto_pwhash_STRBYTES)
            return fail(ErrorCode::internal, "the password cannot be checked", "a stored hash is too long");
        Verdict verdict;
        verdict.matches =
            crypto_pwhash_str_verify(known.c_str(), password.data(), password.size()) == 0 && hash;
        verdict.outdated = crypto_pwhash_str_needs_rehash(known.c_str(), cost.passes, cost.memory_bytes) != 0;
        return verdict;
    }
};

Passwords::Passwords(HashCost cost, unsigned threads)
    : state_(std::make_shared<State>(cost)), executor_(threads, waiting_most)
{
    // Or the first one that nobody has would take twice as long.
    (void)executor_.run([state = state_] { state->hash_of_nobody(); }, {});
}

Passwords::~Passwords() = default;

void Passwords::hash(std::string password, const std::function<void(Result<std::string>)> &done)
{
    auto queued = executor_.call<Result<std::string>>(
        [state = state_, password = std::move(password)] { return hash_password(password, state->cost); },
        done);
    if (!queued)
        done(fail(busy()));
}

void Passwords::verify(std::optional<std::string> hash, std::string password,
                       const std::function<void(Result<Verdict>)> &done)
{
    auto queued = executor_.call<Result<Verdict>>(
        [state = state_, hash = std::move(hash), password = std::move(password)] {
            return state->verify(hash, password);
        },
        done);
    if (!queued)
        done(fail(busy()));
}

} // namespace butaca::session
