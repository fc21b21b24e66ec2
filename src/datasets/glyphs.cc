#include "datasets/glyphs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/random.h"
#include "datasets/labels.h"

namespace mote::datasets {
namespace {

constexpr int kGlyphSide = 28;
constexpr int kDigits = 10;
constexpr int kTrain = 12000;
constexpr int kTest = 2000;
constexpr int kSegments = 6;  // straight pieces of one curve

struct Point {
  double x, y;
};

struct Stroke {
  int digit;
  std::array<Point, 3> control;
};

constexpr Stroke kStrokes[] = {
#define MOTE_STROKE(digit, x0, y0, x1, y1, x2, y2) {digit, {{{x0, y0}, {x1, y1}, {x2, y2}}}},
#include "datasets/strokes.inc"
#undef MOTE_STROKE
};

// From the strokes' square to pixels: a cubic displacement, then rotation, size, shear and shift.
class Warp {
 public:
  explicit Warp(Random& random) {
    for (Point& term : bend_) term = {random.uniform(-0.13, 0.13), random.uniform(-0.13, 0.13)};
    // A rotation by 2 atan(t), without libm.
    const double t = random.uniform(-0.17, 0.17);
    const double cosine = (1 - t * t) / (1 + t * t);
    const double sine = 2 * t / (1 + t * t);
    const double shear = random.uniform(-0.3, 0.3);
    const double width = random.uniform(6.0, 12.0);
    const double height = random.uniform(8.5, 13.0);
    to_x_ = {width * cosine, height * (shear * cosine - sine)};
    to_y_ = {width * sine, height * (shear * sine + cosine)};
    centre_ = {kGlyphSide / 2 + random.uniform(-2.5, 2.5),
               kGlyphSide / 2 + random.uniform(-2.5, 2.5)};
  }

  Point operator()(Point p) const {
    const double u = p.x / 50 - 1;
    const double v = p.y / 50 - 1;
    const std::array<double, 7> powers{u * u,     u * v,     v * v,    u * u * u,
                                       u * u * v, u * v * v, v * v * v};
    double x = u;
    double y = v;
    for (size_t i = 0; i < powers.size(); i++) {
      x += bend_[i].x * powers[i];
      y += bend_[i].y * powers[i];
    }
    return {centre_.x + to_x_.x * x + to_x_.y * y, centre_.y + to_y_.x * x + to_y_.y * y};
  }

 private:
  std::array<Point, 7> bend_;
  Point to_x_, to_y_, centre_;
};

// The distance of every pixel's centre to the nearest stroke, as far as kReach.
class Distances {
 public:
  static constexpr double kReach = 4.0;

  Distances() { squares_.fill(kReach * kReach); }

  void add_segment(Point a, Point b) {
    const Point d{b.x - a.x, b.y - a.y};
    const double length2 = std::max(d.x * d.x + d.y * d.y, 1e-9);
    const int top = first_pixel(std::min(a.y, b.y)), bottom = last_pixel(std::max(a.y, b.y));
    const int left = first_pixel(std::min(a.x, b.x)), right = last_pixel(std::max(a.x, b.x));
    for (int row = top; row <= bottom; row++)
      for (int column = left; column <= right; column++) {
        const Point p{column + 0.5 - a.x, row + 0.5 - a.y};
        const double along = std::clamp((p.x * d.x + p.y * d.y) / length2, 0.0, 1.0);
        const double x = p.x - along * d.x;
        const double y = p.y - along * d.y;
        double& square = squares_[static_cast<size_t>(row * kGlyphSide + column)];
        square = std::min(square, x * x + y * y);
      }
  }

  void add_curve(const std::array<Point, 3>& control) {
    Point from = control[0];
    for (int i = 1; i <= kSegments; i++) {
      const double t = static_cast<double>(i) / kSegments;
      const double a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
      const Point to{a * control[0].x + b * control[1].x + c * control[2].x,
                     a * control[0].y + b * control[1].y + c * control[2].y};
      add_segment(from, to);
      from = to;
    }
  }

  double at(int pixel) const { return std::sqrt(squares_[static_cast<size_t>(pixel)]); }

 private:
  static int first_pixel(double at) { return std::max(0, static_cast<int>(at - kReach)); }
  static int last_pixel(double at) {
    return std::min(kGlyphSide - 1, static_cast<int>(at + kReach));
  }

  std::array<double, kGlyphSide * kGlyphSide> squares_;
};

Point any_pixel(Random& random) {
  return {random.uniform(0, kGlyphSide), random.uniform(0, kGlyphSide)};
}

Distances draw(int digit, Random& random) {
  const Warp warp(random);
  Distances distances;
  for (const Stroke& stroke : kStrokes) {
    if (stroke.digit != digit) continue;
    std::array<Point, 3> control = stroke.control;
    control[1].x += random.uniform(-8, 8);
    control[1].y += random.uniform(-8, 8);
    for (Point& point : control) point = warp(point);
    distances.add_curve(control);
  }
  if (random.below(3) == 0) {  // a scratch
    const Point from = any_pixel(random);
    distances.add_segment(from, {from.x + random.uniform(-7, 7), from.y + random.uniform(-7, 7)});
  }
  return distances;
}

// How the strokes look.
struct Pen {
  double half_width, softness, ink, paper, noise;
  Point hole;  // where paper covers the strokes
  double hole_radius;

  explicit Pen(Random& random)
      : half_width(random.uniform(0.4, 1.7)),
        softness(random.uniform(0.7, 2.0)),
        ink(random.uniform(90, 255)),
        paper(random.uniform(0, 40)),
        noise(random.uniform(3, 34)),
        hole(any_pixel(random)),
        hole_radius(random.uniform(0, 5)) {}

  double coverage(double distance) const {
    return std::clamp((half_width - distance) / softness + 0.5, 0.0, 1.0);
  }
};

// Mean 0, deviation 1; four uniform numbers from one draw.
double noise(Random& random) {
  const uint64_t bits = random.next();
  double sum = 0;
  for (int shift = 0; shift < 64; shift += 16) sum += static_cast<double>((bits >> shift) & 0xffff);
  return (sum - 2 * 65535) * (1.7320508 / 65536);
}

void render(int digit, Random& random, uint8_t* image) {
  const Distances distances = draw(digit, random);
  const Pen pen(random);
  for (int pixel = 0; pixel < kGlyphSide * kGlyphSide; pixel++) {
    const double x = pixel % kGlyphSide + 0.5 - pen.hole.x;
    const double y = pixel / kGlyphSide + 0.5 - pen.hole.y;
    const bool hidden = x * x + y * y < pen.hole_radius * pen.hole_radius;
    const double covered = hidden ? 0 : pen.coverage(distances.at(pixel));
    const double value = pen.paper + (pen.ink - pen.paper) * covered + pen.noise * noise(random);
    image[pixel] = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
  }
}

Split make_split(int count, uint64_t seed, std::string_view purpose) {
  Random random(seed, purpose);
  Split split{{DType::uint8,
               {count, kGlyphSide, kGlyphSide, 1},
               Bytes(static_cast<size_t>(count * kGlyphSide * kGlyphSide))},
              {}};
  for (int i = 0; i < count; i++) {
    const auto digit = static_cast<int>(random.below(kDigits));
    render(digit, random, &split.images.data[static_cast<size_t>(i * kGlyphSide * kGlyphSide)]);
    split.labels.push_back(digit);
  }
  return split;
}

}  // namespace

Dataset make_glyphs(uint64_t seed) {
  return {"glyphs",
          make_split(kTrain, seed, "glyphs train"),
          {},
          make_split(kTest, seed, "glyphs test"),
          numbered_classes(kDigits),
          true};
}

Info glyphs_info() {
  return {"glyphs",
          "synthetic digits, drawn from strokes",
          {kGlyphSide, kGlyphSide, 1},
          kDigits,
          kTrain,
          kTest,
          "built in"};
}

}  // namespace mote::datasets
