// SPDX-License-Identifier: LGPL-2.1-or-later
// Where finished bytes are kept by key: segments and downloads. What is behind it (a folder, a service) is
// the implementation's affair. All of it may block on disk or network: call it on an Executor, unless a
// comment says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/loop.h"
#include "src/base/result.h"

namespace butaca::objects {

// An object opened for reading: its bytes are [0, size_bytes) of the descriptor. It stays readable when the
// object is evicted meanwhile.
struct OpenObject {
    Fd fd;
    std::uint64_t size_bytes = 0;
};

// Keys are texts of up to 120 bytes; "/" in them means nothing. An object never changes: the first one put
// under a key stays, so that whoever races produces the same. Thread-safe.
class ObjectStore {
public:
    virtual ~ObjectStore() = default;

    // Keeps `bytes`, whole or not at all. `cost_ms`: how long it takes to make them again; the dearer of two
    // old objects stays. `too_large` beyond the whole quota, `unavailable` when there is no room left on the
    // disk, `invalid_argument` for a key that cannot be.
    virtual Status put(const std::string &key, std::string_view bytes, std::uint64_t cost_ms) = 0;
    // `not_found` when there is no such object, or it turned out to be damaged (then it is removed).
    virtual Result<OpenObject> open(const std::string &key) = 0;
    virtual void remove(const std::string &key) = 0;

    // The size of an object; 0 when it is not (yet) known to exist. Does not block.
    virtual std::uint64_t size_bytes(const std::string &key) const = 0;
    // What all objects take, reservations included. Does not block.
    virtual std::uint64_t used_bytes() const = 0;
};

} // namespace butaca::objects
