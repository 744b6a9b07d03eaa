#pragma once

/// What the program traces in its other translation unit, of another C++ standard.
bool more_subsegment(const char* name);
void more_segment(const char* name);
