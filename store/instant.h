// SPDX-License-Identifier: LGPL-2.1-or-later
// How a moment is read from a row: RFC 3339 in UTC, to the second.
#pragma once

#define BUTACA_INSTANT(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
