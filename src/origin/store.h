// SPDX-License-Identifier: LGPL-2.1-or-later
// What an origin keeps on disk between runs: one record and one index per asset, and which file had which
// digest, so that an unchanged file is not read again. All of it can be made anew from the files. Blocks.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "src/base/result.h"
#include "src/media/facts.h"
#include "src/origin/listing.h"

namespace butaca::origin {

struct KnownFile {
    Stamp stamp;
    std::string digest; // of its asset; empty: the file was looked at and is none of ours
};

struct State {
    // At least as high as any revision that was ever published.
    std::uint64_t revision = 0;
    std::map<std::string, KnownFile> files; // by path
};

// The text form of the state and back; `invalid_argument` for anything else. Pure.
std::string state_to_text(const State &state);
Result<State> state_from_text(std::string_view text);

class Store {
public:
    explicit Store(std::string folder) : folder_(std::move(folder)) {}

    // Makes the folders.
    Status prepare() const;
    // An empty state where there is none or it is damaged: then all is read anew.
    State load_state() const;
    Status save_state(const State &state) const;

    Status save_asset(const media::Asset &asset, std::string_view index) const;
    Result<media::Asset> load_asset(const std::string &digest) const;
    Result<std::string> load_index(const std::string &digest) const;
    // The cues of a track, in binary form, by their own digest: several films may have the same. They stay
    // when the asset goes: they are small, and it may come back.
    Status save_cues(std::string_view cues) const;
    Result<std::string> load_cues(const std::string &digest) const;
    // A cover's bytes, in the same way: all tracks of a record have the same.
    Status save_cover(std::string_view cover) const;
    Result<std::string> load_cover(const std::string &digest) const;
    // What was measured of an asset's loudness, as text.
    Status save_loudness(const std::string &digest, std::string_view text) const;
    Result<std::string> load_loudness(const std::string &digest) const;
    void remove_asset(const std::string &digest) const;

private:
    std::string path_of(const std::string &digest, std::string_view suffix) const;
    const std::string folder_;
};

// Is this the form of a digest? What becomes part of a path must pass.
bool is_digest(std::string_view text);

} // namespace butaca::origin
