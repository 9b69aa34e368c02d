using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Paths;

[TestClass]
public sealed class PathGlobTests
{
    [TestMethod]
    [DataRow("etc", "etc", true)]
    [DataRow("/etc/", "etc", true)]
    [DataRow("./etc/./passwd", "etc/passwd", true)]
    [DataRow("etc", "etc/passwd", false)]
    [DataRow("etc", "usr/etc", false)]
    [DataRow("etc", "Etc", false)]
    [DataRow("e?c", "etc", true)]
    [DataRow("e?c", "e/c", false)]
    [DataRow("*.so", "a.so", true)]
    [DataRow("*.so", ".so", true)]
    [DataRow("*.so", "lib/a.so", false)]
    [DataRow("*.so.*", "libc.so.6", true)]
    [DataRow("a*b*c", "aXbXbc", true)]
    [DataRow("a*b*c", "aXcXb", false)]
    [DataRow("**/*.so", "a.so", true)]
    [DataRow("**/*.so", "usr/lib/a.so", true)]
    [DataRow("usr/**/x", "usr/x", true)]
    [DataRow("usr/**/x", "usr/a/b/x", true)]
    [DataRow("usr/**/x", "usr/a/b/xy", false)]
    [DataRow("usr/**/b/**/x", "usr/a/b/c/b/x", true)]
    [DataRow("usr/**/**/x", "usr/x", true)]
    [DataRow("usr/**", "usr/a/b", true)]
    [DataRow("usr/**", "usr", false)]
    [DataRow("**", "a/b", true)]
    [DataRow("a**b", "aXb", true)]
    [DataRow("[a-c]x", "bx", true)]
    [DataRow("[a-c]x", "dx", false)]
    [DataRow("[!a-c]x", "dx", true)]
    [DataRow("[^a-c]x", "ax", false)]
    [DataRow("[]a]", "]", true)]
    [DataRow("[a-]", "-", true)]
    [DataRow(@"[\]]", "]", true)]
    [DataRow(@"\*", "*", true)]
    [DataRow(@"\*", "a", false)]
    [DataRow(@"a\[b", "a[b", true)]
    [DataRow("?", "é", true)]
    [DataRow("[à-ü]", "é", true)]
    [DataRow("*世*", "x世y", true)]
    public void Patterns_match_as_shells_have_it(string pattern, string path, bool expected) =>
        Assert.AreEqual(expected, PathGlob.Parse("Include", pattern).Matches(ByteString.FromText(path)));

    [TestMethod]
    public void A_byte_that_is_no_text_is_one_character()
    {
        var path = ByteString.FromBytes([(byte)'a', 0xe9, (byte)'b']);
        Assert.IsTrue(PathGlob.Parse("Include", "a?b").Matches(path));
        Assert.IsFalse(PathGlob.Parse("Include", "aéb").Matches(path));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/")]
    [DataRow("./.")]
    [DataRow("a/../b")]
    [DataRow("[a")]
    [DataRow("a\\")]
    public void What_is_no_pattern_is_refused(string pattern) =>
        Assert.AreEqual(
            "ITT1071",
            Assert.ThrowsExactly<ImageTarException>(() => PathGlob.Parse("Include", pattern)).Diagnostic.Code
        );

    [TestMethod]
    public void Stars_match_as_a_simple_model_says()
    {
        var letter = Gen.Char["ab*?/"];
        Gen.Select(Gen.String[letter, 1, 8], Gen.String[Gen.Char["ab/"], 1, 10])
            .Sample(
                (pattern, path) =>
                {
                    var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
                    var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
                    if (parts.Length == 0 || names.Length == 0)
                    {
                        return;
                    }

                    Assert.AreEqual(
                        PathModel(parts, names),
                        PathGlob.Parse("Include", pattern).Matches(ByteString.FromText(string.Join('/', names))),
                        $"{pattern} {path}"
                    );
                }
            );

        // By the definitions, in exponential time.
        static bool PathModel(ReadOnlySpan<string> parts, ReadOnlySpan<string> names)
        {
            if (parts.IsEmpty)
            {
                return names.IsEmpty;
            }

            if (parts[0] == "**")
            {
                return (parts.Length > 1 && PathModel(parts[1..], names))
                    || (!names.IsEmpty && (parts.Length == 1 || PathModel(parts, names[1..])));
            }

            return !names.IsEmpty && NameModel(parts[0], names[0]) && PathModel(parts[1..], names[1..]);
        }

        static bool NameModel(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
        {
            if (pattern.IsEmpty)
            {
                return name.IsEmpty;
            }

            return pattern[0] == '*'
                ? NameModel(pattern[1..], name) || (!name.IsEmpty && NameModel(pattern, name[1..]))
                : !name.IsEmpty && (pattern[0] == '?' || pattern[0] == name[0]) && NameModel(pattern[1..], name[1..]);
        }
    }
}
