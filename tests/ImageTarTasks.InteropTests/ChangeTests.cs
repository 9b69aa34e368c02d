using System.Globalization;
using System.Text.Json;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Every kind of change, given to docker import and to ours: the engine, having loaded our image, tells the same
/// configuration of both. What only newer engines do carries the version it came with: on older ones the two must
/// differ, or the mark is wrong.
/// </summary>
[TestClass]
public sealed class ChangeTests
{
    /// <summary>Changes that are taken, and the version of the engine from which on its answer is ours.</summary>
    private static readonly (string Change, int Since)[] Taken =
    [
        ("CMD echo hi  # b", 0),
        ("CMD [\"a\",\"b\"]", 0),
        ("CMD   [ \"a\" ,\t\"b\" ]", 0),
        ("CMD [\"a\\u00e9\\n<>&\\u2028\",\"\\\"\"]", 0),
        ("CMD [\"a\",\"b\"] x", 27),
        ("CMD ['a']", 0),
        ("CMD [ \"a\"", 0),
        ("CMD [\"a\",]", 0),
        ("CMD []", 0),
        ("CMD", 0),
        ("CMD $A ${B:-c}", 0),
        ("cmd x", 0),
        ("CMD -- --x", 0),
        ("CMD \"quoted\" 'as it' \\is", 0),
        ("ENTRYPOINT []", 0),
        ("ENTRYPOINT", 0),
        ("ENTRYPOINT x y", 0),
        ("ENTRYPOINT [\"x\"]", 0),
        ("CMD [\"y\"]\nENTRYPOINT [\"x\"]", 0),
        ("ENTRYPOINT [\"x\"]\nCMD [\"y\"]", 0),
        ("CMD [\"y\"]\nENTRYPOINT []", 0),
        ("ENV A B C", 0),
        ("ENV A   B  C ", 0),
        ("ENV A=\"x y\" B=x\\ y C='q $A' F=\\$A G=\"\\\"z\\\"\" H=", 0),
        ("ENV A=1\nENV B=2\nENV A=3", 0),
        ("ENV A=1 B=$A", 0),
        ("ENV A=1\nENV B=$A-${A}-${Z:-d}-${A:+y}-${Z:+n}", 0),
        ("ENV A=x\nENV B=${A:-${C:-d}} C=${D:-${A}}", 0),
        ("ENV A=\"a\\b\\n\" B=a\\b", 0),
        ("ENV A=$ B=a$", 0),
        ("ENV A=B=C", 0),
        ("ENV A=a\\", 0),
        ("ENV \"A B\"=c", 0),
        ("ENV A='it'\"'\"'s' B=\"$\"C", 0),
        ("ENV A=1\nENV A=${A}2", 0),
        ("ENV a=1 A=2", 0),
        ("ENV A=é B=日本 C=\U0001f600", 0),
        ("ENV A=<b>&amp;", 0),
        ("env\tA=1\tB=2", 0),
        ("ENV A='a\\' B=b", 0),
        ("ENV A=${X-d}${X+e}", 23),
        ("ENV A=x.y.z\nENV B=${A#*.} C=${A##*.} D=${A%.*} E=${A%%.*} F=${A/./_} G=${A//./_}", 25),
        ("LABEL a=b \"c d\"=e", 0),
        ("LABEL a b c", 0),
        ("LABEL a=1\nLABEL a=2 b=3", 0),
        ("LABEL z=1 a=2 M=3", 0),
        ("ENV X=1\nLABEL $X=$X x.${X}=\"${X} $Y\"", 0),
        ("LABEL a=\"line \\\nmore\"", 0),
        ("EXPOSE 80 81/UDP 82-84 85/sctp 8080:80 127.0.0.1:80:81", 0),
        ("ENV P=\"80 443\"\nEXPOSE $P", 0),
        ("EXPOSE 80\nEXPOSE 80/tcp 81", 0),
        ("EXPOSE [::1]:80:80", 0),
        ("EXPOSE 81/", 0),
        ("EXPOSE 0", 0),
        ("EXPOSE 65535", 0),
        ("HEALTHCHECK NONE", 0),
        ("HEALTHCHECK none", 0),
        ("HEALTHCHECK CMD curl  x", 0),
        ("HEALTHCHECK cmd [\"a\",\"b\"]", 0),
        ("HEALTHCHECK --interval=1m30s --timeout=2.5s --start-period=1h --retries=3 CMD x", 0),
        ("HEALTHCHECK --interval=0 --retries=4 CMD x", 23),
        ("HEALTHCHECK --interval=1ms CMD x", 0),
        ("HEALTHCHECK --retries=0 CMD x", 24),
        ("HEALTHCHECK --start-interval=5s CMD x", 25),
        ("HEALTHCHECK CMD x\nHEALTHCHECK NONE", 0),
        ("ONBUILD RUN x", 0),
        ("onbuild  RUN   a  b", 0),
        ("ONBUILD nosuch x", 0),
        ("ENV A=x\nONBUILD RUN $A", 0),
        ("ONBUILD CMD [\"a\"]\nONBUILD HEALTHCHECK NONE", 0),
        ("STOPSIGNAL kill", 23),
        ("STOPSIGNAL SIGRTMIN+3", 23),
        ("STOPSIGNAL 9", 23),
        ("USER a b", 0),
        ("USER 1000:1000", 0),
        ("ENV U=me\nUSER $U", 0),
        ("USER \"me\"", 0),
        ("VOLUME /a /b", 0),
        ("VOLUME [\"/a\",\"/b c\"]", 0),
        ("VOLUME [x", 0),
        ("ENV V=/v\nVOLUME $V/${V}", 0),
        ("VOLUME /b\nVOLUME /a /b", 0),
        ("WORKDIR a\nWORKDIR b/../c", 0),
        ("WORKDIR /a\nWORKDIR b", 0),
        ("WORKDIR /a/../b", 0),
        ("WORKDIR ../..", 0),
        ("WORKDIR a b", 0),
        ("ENV W=/w\nWORKDIR $W/x", 0),
        ("WORKDIR /a/", 0),
        ("CMD a \\\n# c\n  b", 0),
        ("CMD a \\\n\n  b", 0),
        ("# escape=`\nCMD a `\nb", 0),
        ("# escape=`\nENV A=a` b B=\\c", 0),
        ("CMD a\\\\\nUSER b", 0),
        ("\n  # comment\n\n  USER b", 0),
        ("\tUSER b", 0),
        ("USER b\r", 0),
    ];

    /// <summary>
    /// Changes that are refused; those of the second list by engines before 23 in other words, because they know
    /// neither the instruction nor the operator.
    /// </summary>
    private static readonly string[] Refused =
    [
        "# only\n\n",
        "RUN x",
        "CMD=/bin/sh",
        "MAINTAINER me",
        "FROM x",
        "SHELL [\"x\"]",
        "ARG A",
        "COPY a b",
        "nosuch",
        "ENV",
        "ENV A",
        "ENV =x",
        "ENV A=1 B",
        "ENV A=\"x",
        "ENV A='x",
        "ENV A=${}",
        "ENV A=${X:-d",
        "ENV A=${X:?oops}",
        "LABEL",
        "LABEL a",
        "LABEL =x",
        "LABEL a=1 b",
        "LABEL \"open",
        "EXPOSE",
        "EXPOSE 99999",
        "EXPOSE 80/foo",
        "EXPOSE 80-79",
        "EXPOSE /tcp",
        "EXPOSE a",
        "EXPOSE 1-3:3-4",
        "EXPOSE 1.2.3:80:80",
        "HEALTHCHECK",
        "HEALTHCHECK FOO",
        "HEALTHCHECK CMD",
        "HEALTHCHECK NONE x",
        "HEALTHCHECK --foo=1 CMD x",
        "HEALTHCHECK --interval=1us CMD x",
        "HEALTHCHECK --interval=5 CMD x",
        "HEALTHCHECK --interval=5q CMD x",
        "HEALTHCHECK --interval=x CMD x",
        "HEALTHCHECK --retries=x CMD x",
        "HEALTHCHECK --interval CMD x",
        "ONBUILD",
        "ONBUILD ONBUILD RUN x",
        "ONBUILD FROM x",
        "ONBUILD MAINTAINER x",
        "USER",
        "USER --x y",
        "WORKDIR",
        "VOLUME",
        "VOLUME [\"\"]",
        "VOLUME [1]",
        "CMD [\"a\", 1]",
        "ENTRYPOINT [null]",
        "# escape=x\nCMD a",
        "USER a\nRUN b",
    ];

    private static readonly string[] RefusedSince23 = ["ENV A=${X@d}", "STOPSIGNAL FOO", "STOPSIGNAL"];

    private static readonly Lazy<Engine> Both = new(() => new Engine());

    public static IEnumerable<object[]> TakenRows =>
        Taken.Select((row, i) => new object[] { i, row.Change, row.Since });

    public static IEnumerable<object[]> RefusedRows =>
        Refused
            .Select(change => new object[] { change, 0 })
            .Concat(RefusedSince23.Select(change => new object[] { change, 23 }));

    [ClassCleanup]
    public static void Stop()
    {
        if (Both.IsValueCreated)
        {
            Both.Value.Dispose();
        }
    }

    [TestMethod, RequiresEngine, DynamicData(nameof(TakenRows))]
    public void A_change_sets_what_docker_import_sets(int row, string change, int since)
    {
        var (theirs, ours) = Both.Value.Configs(row);

        if (Both.Value.Version >= since)
        {
            Assert.AreEqual(theirs, ours, change);
        }
        else
        {
            Assert.AreNotEqual(theirs, ours, $"{change}: this engine does what is said to be new in {since}");
        }
    }

    [TestMethod, RequiresEngine, DynamicData(nameof(RefusedRows))]
    public void A_change_docker_import_refuses_is_refused_in_the_same_words(string change, int since)
    {
        var (theirs, ours) = Both.Value.Refusals(change);

        Assert.Contains("error ITT12", ours);
        Assert.AreEqual(
            Both.Value.Version >= since,
            Words(ours)
                .Contains(
                    Words(theirs.Replace("Error response from daemon: ", "", StringComparison.Ordinal)),
                    StringComparison.Ordinal
                ),
            $"{theirs}\n{ours}"
        );

        // Engines differ among themselves in capitals, in the dashes of a flag, and in how they quote.
        static string Words(string text) =>
            text.Replace("\\", "", StringComparison.Ordinal)
                .Replace(": --", ": ", StringComparison.Ordinal)
                .ToUpperInvariant();
    }

    /// <summary>
    /// The engine with all images of both kinds, made at once: a hundred imports, but one save, one load and one
    /// inspect.
    /// </summary>
    private sealed class Engine : IDisposable
    {
        private readonly TestFolder _folder = new();
        private readonly DockerEngine _engine = SharedEngine.Get();
        private readonly Imagetar _imagetar;
        private readonly string[] _theirs;
        private readonly string[] _ours;

        public Engine()
        {
            _imagetar = new Imagetar(_folder["store"]);
            Version = int.Parse(
                _engine.Run("version", "-f", "{{.Server.Version}}").Output.Split('.')[0],
                CultureInfo.InvariantCulture
            );
            File.WriteAllBytes(_folder["rootfs.tar"], OddLayers.Agreed()[0]);
            var rows = Enumerable.Range(0, Taken.Length).ToArray();
            var theirs = rows.Select(row => Import(_engine.Try, row, "theirs")).ToArray();
            var ours = rows.Select(row => Import((arguments, _) => _imagetar.Try(arguments), row, "ours")).ToArray();
            _imagetar.Run(["save", "-o", _folder["ours.tar"], .. rows.Select(row => Name("ours", row))]);
            _engine.Run("load", "-i", _folder["ours.tar"]);
            _theirs = Configs("theirs", theirs);
            _ours = Configs("ours", ours);
        }

        public int Version { get; }

        public (string Theirs, string Ours) Configs(int row) => (_theirs[row], _ours[row]);

        public (string Theirs, string Ours) Refusals(string change)
        {
            string[] arguments = ["import", "-c", change, _folder["rootfs.tar"], "refused:1"];
            var theirs = _engine.Try(arguments);
            var ours = _imagetar.Try(arguments);
            Assert.AreNotEqual(0, theirs.ExitCode, theirs.ToString());
            Assert.AreNotEqual(0, ours.ExitCode, ours.ToString());
            return (theirs.Error.Trim(), ours.Error.Trim());
        }

        public void Dispose()
        {
            _engine.Try([
                "rmi",
                "-f",
                .. Enumerable
                    .Range(0, Taken.Length)
                    .SelectMany(row => new[] { Name("theirs", row), Name("ours", row) }),
            ]);
            _folder.Dispose();
        }

        private static string Name(string whose, int row) =>
            string.Create(CultureInfo.InvariantCulture, $"change-{whose}:{row}");

        private ProgramResult Import(
            Func<IReadOnlyList<string>, ProgramOptions?, ProgramResult> run,
            int row,
            string whose
        ) => run(["import", "-c", Taken[row].Change, _folder["rootfs.tar"], Name(whose, row)], null);

        /// <summary>The configuration of each image, or the error where an import failed.</summary>
        private string[] Configs(string whose, ProgramResult[] imports)
        {
            var names = Enumerable
                .Range(0, imports.Length)
                .Where(row => imports[row].ExitCode == 0)
                .Select(row => Name(whose, row));
            using var document = JsonDocument.Parse(_engine.Run(["image", "inspect", .. names]).Bytes);
            var images = new Queue<JsonElement>(document.RootElement.EnumerateArray());
            return
            [
                .. imports.Select(import =>
                    import.ExitCode == 0 ? JsonText.Canonical(images.Dequeue().GetProperty("Config")) : import.Error
                ),
            ];
        }
    }
}
