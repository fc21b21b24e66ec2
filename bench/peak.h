// What a core of this machine could do at most: multiply-accumulates a second of the instructions
// that the kernels multiply with, from register to register and nothing else.
#pragma once

#include <string_view>

namespace mote::bench {

// The element type of the activations: a register holds twice as many products of int8 with VNNI.
// float32 is multiplied and then added, in two roundings, as the kernels must.
enum class Factors { int8, int16, float32 };

// By processor time, over some milliseconds; 0 for "any", for which there is no such instruction.
double peak_macs_per_second(std::string_view isa, Factors factors);

}  // namespace mote::bench
