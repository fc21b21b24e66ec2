// Op without the list of operators: enough to pass one on, and to reach the attributes of the one
// operator that a file is about. A new operator does not change this header, as it does ir/op.h.
#pragma once

namespace mote {

struct Op;

// The attributes of an Op that is known to be this operator. ir/op.cc has them for all operators.
template <class Attributes>
const Attributes& as(const Op& op);
template <class Attributes>
Attributes& as(Op& op);

}  // namespace mote
