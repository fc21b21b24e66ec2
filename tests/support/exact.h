// Arbitrary-precision arithmetic for golden vectors: the formulas of docs/arithmetic.md evaluated
// on GMP's integers and rationals, where nothing rounds or overflows unless the formula says so.
#pragma once

#include <gmpxx.h>

#include <cstdint>

namespace mote::exact {

using Integer = mpz_class;
using Rational = mpq_class;

inline Rational power_of_two(int exponent) {
  const Integer power = Integer(1) << static_cast<unsigned>(exponent < 0 ? -exponent : exponent);
  return exponent < 0 ? Rational(1) / power : Rational(power);
}

inline Integer floor(const Rational& value) {
  Integer quotient;
  mpz_fdiv_q(quotient.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
  return quotient;
}

// The nearest integer; ties go up, or away from zero.
inline Integer round_half_up(const Rational& value) {
  return floor(value + Rational(1, 2));
}
inline Integer round_half_away(const Rational& value) {
  if (value >= 0) return round_half_up(value);
  return -round_half_up(-value);
}

inline Integer clamp(const Integer& value, const Integer& min, const Integer& max) {
  if (value < min) return min;
  return value > max ? max : value;
}
inline Integer saturate_s32(const Integer& value) {
  return clamp(value, INT32_MIN, INT32_MAX);
}

// ---- rescaling
// ------------------------------------------------------------------------------------

// Saturating, rounding, doubling: the high half of 2ab, ties up.
inline Integer srdhm(const Integer& a, const Integer& b) {
  return saturate_s32(round_half_up(Rational(a * b) / power_of_two(31)));
}

inline Integer rounding_divide_by_pot(const Integer& value, int exponent) {
  return round_half_away(Rational(value) / power_of_two(exponent));
}

// value * multiplier * 2^(shift - 31) in two steps, and in one.
inline Integer requantize_double(const Integer& value, const Integer& multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  const Integer shifted = value << static_cast<unsigned>(left);
  return rounding_divide_by_pot(srdhm(shifted, multiplier), right);
}
inline Integer requantize_single(const Integer& value, const Integer& multiplier, int shift) {
  return round_half_up(Rational(value * multiplier) * power_of_two(shift - 31));
}

// 64-bit accumulators: the multiplier is first rounded to 15 bits.
inline Integer requantize_wide(const Integer& value, const Integer& multiplier, int shift) {
  const Integer rounded = round_half_up(Rational(multiplier) / power_of_two(16));
  const Integer reduced = rounded > 0x7FFF ? Integer(0x7FFF) : rounded;
  return round_half_up(Rational(value * reduced) * power_of_two(shift - 15));
}

// ---- binary32 and binary64
// -------------------------------------------------------------------------------------

// The binary floating-point number of so many significant bits that is nearest to a value, ties to
// even, as an exact rational; the range of exponents is unlimited.
inline Rational to_binary(const Rational& value, int bits) {
  if (value == 0) return 0;
  const Rational magnitude = abs(value);
  int exponent = static_cast<int>(mpz_sizeinbase(magnitude.get_num_mpz_t(), 2)) -
                 static_cast<int>(mpz_sizeinbase(magnitude.get_den_mpz_t(), 2)) - bits;
  while (magnitude >= power_of_two(exponent + bits)) exponent++;
  while (magnitude < power_of_two(exponent + bits - 1)) exponent--;
  const Rational scaled = magnitude / power_of_two(exponent);  // in [2^(bits - 1), 2^bits)
  Integer rounded = round_half_up(scaled);
  if (Rational(rounded) - scaled == Rational(1, 2) && mpz_odd_p(rounded.get_mpz_t())) rounded -= 1;
  const Rational result = rounded * power_of_two(exponent);
  return value < 0 ? Rational(-result) : result;
}

inline Rational to_binary32(const Rational& value) {
  return to_binary(value, 24);
}
inline Rational to_binary64(const Rational& value) {
  return to_binary(value, 53);
}

}  // namespace mote::exact
