// Each test is one or more whole builds, which use all cores themselves.
[assembly: DoNotParallelize]
