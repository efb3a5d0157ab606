// SPDX-License-Identifier: LGPL-2.1-or-later
// Passwords as Argon2id hashes (RFC 9106), made by libsodium with their parameters and salt in the text. Each
// takes tens of milliseconds and of MiB by design, so it is done on threads of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/executor.h"
#include "src/base/result.h"

namespace butaca::session {

// What a hash costs; RFC 9106, 4 says how to choose.
struct HashCost {
    std::uint64_t passes = 3;
    std::uint64_t memory_bytes = 64ULL << 20;
};
// libsodium refuses less.
inline constexpr std::uint64_t least_hash_memory_bytes = 8192;

// May this become a password? `invalid_argument` says why not. Length is all that counts (NIST SP
// 800-63B, 5.1.1.2).
Status check_password(std::string_view password);

// Blocks as long as the cost says. `unavailable` when there is no memory for it.
Result<std::string> hash_password(const std::string &password, HashCost cost);

// Owner: the loop; all is called there, and calls back there.
class Passwords {
public:
    Passwords(HashCost cost, unsigned threads);
    ~Passwords();

    // `unavailable` when too many wait already.
    void hash(std::string password, const std::function<void(Result<std::string>)> &done);

    struct Verdict {
        bool matches = false;
        bool outdated = false; // hashed at another cost than that of today
    };
    // Without a hash, because nobody has the name, it takes the same time and never matches.
    void verify(std::optional<std::string> hash, std::string password,
                const std::function<void(Result<Verdict>)> &done);

private:
    struct State;
    std::shared_ptr<State> state_;
    Executor executor_;
};

} // namespace butaca::session
