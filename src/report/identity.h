// What a study's task is about, beyond names: two networks called `model`, or a recipe that was
// changed and kept its name, are different things, and so are their figures. Tested by
// identity_test.cc.
#pragma once

#include <map>
#include <string>

#include "report/schema.h"

namespace mote::report {

struct Records;

// By the key of a cell ("network", "data", "recipe", "device"): a digest of what the inputs of this
// record say about it. A network's is in its training or import, a recipe's in compressions.
std::map<std::string, std::string> identity_of(const Json& record);

// Where things of one name are not the same in otherwise equal cells, their names in all cells get
// the beginning of what tells them apart: "model (3fa2)". Whatever shows or compares records by
// names then keeps them apart.
void tell_apart(Records& records);

}  // namespace mote::report
