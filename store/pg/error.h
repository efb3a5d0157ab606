// SPDX-License-Identifier: LGPL-2.1-or-later
// From PostgreSQL's SQLSTATE codes to ours. Pure.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca::pg {

// What the server says of a failed statement. Constraint violations keep the constraint's name, so that a
// store function can tell "this e-mail is taken" from "this slug is taken".
struct Failure {
    std::string sqlstate; // five characters; "" when the connection itself failed
    std::string primary;  // the server's sentence
    std::string constraint;

    // Serialization failure or deadlock: the same transaction may well pass when it is run again.
    bool is_worth_repeating() const;
};

// PostgreSQL 15 documentation, appendix A.
ErrorCode code_from(std::string_view sqlstate);
// The words for people are general; the server's own go to the detail, without the row's values (they may be
// someone's e-mail address).
Error to_error(const Failure &failure);

} // namespace butaca::pg
