using System.Text.Json;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Dockerfile;
using ImageTarTasks.Core.Oci;

namespace ImageTarTasks.Tests.Dockerfile;

/// <summary>
/// Expected results are those of Docker 28; where 20.10 was at hand too it agreed, but for the newer forms.
/// </summary>
[TestClass]
public sealed class DockerfileChangesTests
{
    [TestMethod]
    [DataRow("CMD echo hi  # b", "Cmd", """["/bin/sh","-c","echo hi  # b"]""")]
    [DataRow("CMD [\"a\",\"b\"]", "Cmd", """["a","b"]""")]
    [DataRow("CMD [\"a\",\"b\"] x", "Cmd", """["/bin/sh","-c","[\"a\",\"b\"] x"]""")]
    [DataRow("CMD ['a']", "Cmd", """["/bin/sh","-c","['a']"]""")]
    [DataRow("CMD [ \"a\"", "Cmd", """["/bin/sh","-c","[ \"a\""]""")]
    [DataRow("CMD []", "Cmd", "[]")]
    [DataRow("CMD", "Cmd", """["/bin/sh","-c"]""")]
    [DataRow("CMD $A", "Cmd", """["/bin/sh","-c","$A"]""")]
    [DataRow("CMD -- --x", "Cmd", """["/bin/sh","-c","--x"]""")]
    [DataRow("ENTRYPOINT []", "Entrypoint", "null")]
    [DataRow("ENTRYPOINT", "Entrypoint", "null")]
    [DataRow("ENTRYPOINT x y", "Entrypoint", """["/bin/sh","-c","x y"]""")]
    [DataRow("CMD [\"y\"]\nENTRYPOINT [\"x\"]", "Cmd", """["y"]""")]
    [DataRow("cmd x", "Cmd", """["/bin/sh","-c","x"]""")]
    [DataRow("ENV A B C", "Env", """["A=B C"]""")]
    [DataRow(
        "ENV A=\"x y\" B=x\\ y C='q $A' F=\\$A G=\"\\\"z\\\"\" H=",
        "Env",
        """["A=x y","B=x y","C=q $A","F=$A","G=\"z\"","H="]"""
    )]
    [DataRow("ENV A=1\nENV B=2\nENV A=3", "Env", """["A=3","B=2"]""")]
    [DataRow("ENV A=1 B=$A", "Env", """["A=1","B="]""")]
    [DataRow("ENV A=1\nENV B=$A-${A}-${Z:-d}-${A:+y}-${Z:+n}", "Env", """["A=1","B=1-1-d-y-"]""")]
    [DataRow("ENV A=${X-d}${X+e}", "Env", """["A=d"]""")]
    [DataRow(
        "ENV A=x.y.z\nENV B=${A#*.} C=${A##*.} D=${A%.*} E=${A%%.*} F=${A/./_} G=${A//./_} H=${A//[/_}",
        "Env",
        """["A=x.y.z","B=y.z","C=z","D=x.y","E=x","F=x_y.z","G=x_y_z","H=x.y.z"]"""
    )]
    [DataRow("ENV A=x\nENV B=${A:-${C:-d}} C=${D:-${A}}", "Env", """["A=x","B=x","C=x"]""")]
    [DataRow("ENV A=\"a\\b\\n\" B=a\\b", "Env", """["A=a\\b\\n","B=ab"]""")]
    [DataRow("ENV A=$ B=a$ C=$1x D=$?x", "Env", """["A=$","B=a$","C=x","D=x"]""")]
    [DataRow("ENV A=B=C", "Env", """["A=B=C"]""")]
    [DataRow("ENV A=a\\", "Env", """["A=a"]""")]
    [DataRow("ENV \"A B\"=c", "Env", """["A B=c"]""")]
    [DataRow("LABEL a=b \"c d\"=e", "Labels", """{"a":"b","c d":"e"}""")]
    [DataRow("LABEL a b c", "Labels", """{"a":"b c"}""")]
    [DataRow("ENV X=1\nLABEL $X=$X", "Labels", """{"1":"1"}""")]
    [DataRow(
        "EXPOSE 80 81/UDP 82-84 85/sctp 8080:80 127.0.0.1:80:81",
        "ExposedPorts",
        """["80/tcp","81/tcp","81/udp","82/tcp","83/tcp","84/tcp","85/sctp"]"""
    )]
    [DataRow("ENV P=\"80 443\"\nEXPOSE $P", "ExposedPorts", """["443/tcp","80/tcp"]""")]
    [DataRow("EXPOSE [::1]:80:80 80/tcp/udp 81/", "ExposedPorts", """["80/tcp","81/tcp"]""")]
    [DataRow("ONBUILD RUN x", "OnBuild", """["RUN x"]""")]
    [DataRow("onbuild  RUN   a  b", "OnBuild", """["RUN   a  b"]""")]
    [DataRow("ONBUILD nosuch x", "OnBuild", """["nosuch x"]""")]
    [DataRow("ENV A=x\nONBUILD RUN $A", "OnBuild", """["RUN $A"]""")]
    [DataRow("STOPSIGNAL kill", "StopSignal", "\"kill\"")]
    [DataRow("STOPSIGNAL SIGRTMIN+3", "StopSignal", "\"SIGRTMIN+3\"")]
    [DataRow("STOPSIGNAL 999", "StopSignal", "\"999\"")]
    [DataRow("USER a b", "User", "\"a b\"")]
    [DataRow("ENV U=me\nUSER $U", "User", "\"me\"")]
    [DataRow("VOLUME /a /b", "Volumes", """["/a","/b"]""")]
    [DataRow("VOLUME [\"/a\",\"/b c\"]", "Volumes", """["/a","/b c"]""")]
    [DataRow("VOLUME [x", "Volumes", """["[x"]""")]
    [DataRow("WORKDIR a\nWORKDIR b/../c", "WorkingDir", "\"/a/c\"")]
    [DataRow("WORKDIR /a/../b", "WorkingDir", "\"/a/../b\"")]
    [DataRow("WORKDIR ../..", "WorkingDir", "\"/\"")]
    [DataRow("WORKDIR a b", "WorkingDir", "\"/a b\"")]
    [DataRow("CMD a \\\n# c\n\n  b", "Cmd", """["/bin/sh","-c","a   b"]""")]
    [DataRow("# escape=`\nCMD a `\nb", "Cmd", """["/bin/sh","-c","a b"]""")]
    [DataRow("# syntax=x\n# escape=`\nCMD a\\\nUSER b", "User", "\"b\"")]
    [DataRow("CMD a\\\\\nUSER b", "User", "\"b\"")]
    [DataRow("\ufeffCMD a\r\nUSER b\r", "User", "\"b\"")]
    public void A_change_sets(string change, string field, string expected)
    {
        var settings = DockerfileChanges.Apply(new ContainerSettings(), [change]);

        var value = typeof(ContainerSettings).GetProperty(field)!.GetValue(settings);
        Assert.AreEqual(expected, JsonSerializer.Serialize(value, Relaxed));
    }

    [TestMethod]
    [DataRow("HEALTHCHECK NONE", "NONE", 0, 0)]
    [DataRow("HEALTHCHECK --interval=1m30s --retries=3 CMD curl  x", "CMD-SHELL|curl  x", 90_000_000_000, 3)]
    [DataRow("HEALTHCHECK --interval=1.5h cmd [\"a\",\"b\"]", "CMD|a|b", 5_400_000_000_000, 0)]
    [DataRow("HEALTHCHECK --interval=0 CMD x", "CMD-SHELL|x", 0, 0)]
    public void A_health_check_is_read(string change, string test, long interval, int retries)
    {
        var check = DockerfileChanges.Apply(new ContainerSettings(), [change]).Healthcheck!;

        Assert.AreEqual(test, string.Join('|', check.Test));
        Assert.AreEqual(interval, check.Interval);
        Assert.AreEqual(retries, check.Retries);
    }

    [TestMethod]
    [DataRow("ITT1201", "file with no instructions", "# only\n\n")]
    [DataRow("ITT1202", "RUN is not a valid change command", "RUN x")]
    [DataRow("ITT1202", "CMD=/bin/sh is not a valid change command", "CMD=/bin/sh")]
    [DataRow("ITT1202", "MAINTAINER is not a valid change command", "MAINTAINER me")]
    [DataRow("ITT1202", "b is not a valid change command", "\n# escape=`\nCMD a `\n b")]
    [DataRow("ITT1203", "only one escape parser directive can be used", "# escape=`\n# escape=`\nCMD a")]
    [DataRow("ITT1204", "invalid escape token 'x' does not match ` or \\", "# escape=x\nCMD a")]
    [DataRow("ITT1205", "ENV requires at least one argument", "ENV")]
    [DataRow("ITT1205", "EXPOSE requires at least one argument", "EXPOSE")]
    [DataRow("ITT1206", "USER requires exactly one argument", "USER")]
    [DataRow("ITT1206", "WORKDIR requires exactly one argument", "WORKDIR")]
    [DataRow("ITT1207", "ENV must have two arguments", "ENV A")]
    [DataRow("ITT1207", "LABEL must have two arguments", "ONBUILD LABEL A")]
    [DataRow("ITT1208", "Syntax error - can't find = in \"B\". Must be of the form: name=value", "ENV A=1 B")]
    [DataRow("ITT1209", "ENV names can not be blank", "ENV =x")]
    [DataRow("ITT1210", "when using JSON array syntax, arrays must be comprised of strings only", "CMD [\"a\", 1]")]
    [DataRow("ITT1211", "unknown flag: --foo", "HEALTHCHECK --foo=1 CMD x")]
    [DataRow("ITT1211", "unknown flag: --x", "USER --x y")]
    [DataRow("ITT1212", "unexpected end of statement while looking for matching double-quote", "ENV A=\"x")]
    [DataRow("ITT1212", "unexpected end of statement while looking for matching single-quote", "ENV A='x")]
    [DataRow("ITT1212", "syntax error: bad substitution", "ENV A=${}")]
    [DataRow("ITT1212", "syntax error: missing '}'", "ENV A=${X:-d")]
    [DataRow("ITT1212", "unsupported modifier (@) in substitution", "ENV A=${X@d}")]
    [DataRow("ITT1212", "X: oops", "ENV A=${X:?oops}")]
    [DataRow("ITT1212", "X: is not allowed to be unset", "ENV A=${X?}")]
    [DataRow("ITT1213", "HEALTHCHECK NONE takes no arguments", "HEALTHCHECK NONE x")]
    [DataRow("ITT1214", "Unknown type \"FOO\" in HEALTHCHECK (try CMD)", "HEALTHCHECK FOO")]
    [DataRow("ITT1215", "Missing command after HEALTHCHECK CMD", "HEALTHCHECK CMD")]
    [DataRow("ITT1216", "Interval \"interval\" cannot be less than 1ms", "HEALTHCHECK --interval=1us CMD x")]
    [DataRow("ITT1217", "time: missing unit in duration \"5\"", "HEALTHCHECK --interval=5 CMD x")]
    [DataRow("ITT1217", "time: unknown unit \"q\" in duration \"5q\"", "HEALTHCHECK --interval=5q CMD x")]
    [DataRow("ITT1217", "time: invalid duration \"x\"", "HEALTHCHECK --interval=x CMD x")]
    [DataRow("ITT1217", "strconv.ParseInt: parsing \"x\": invalid syntax", "HEALTHCHECK --retries=x CMD x")]
    [DataRow(
        "ITT1217",
        "strconv.ParseInt: parsing \"99999999999\": value out of range",
        "HEALTHCHECK --retries=99999999999 CMD x"
    )]
    [DataRow("ITT1218", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", "ONBUILD ONBUILD RUN x")]
    [DataRow("ITT1219", "FROM isn't allowed as an ONBUILD trigger", "ONBUILD from x")]
    [DataRow("ITT1220", "Invalid containerPort: 99999", "EXPOSE 99999")]
    [DataRow("ITT1220", "Invalid proto: foo", "EXPOSE 80/foo")]
    [DataRow("ITT1220", "Invalid containerPort: 80-79", "EXPOSE 80-79")]
    [DataRow("ITT1220", "No port specified: /tcp<empty>", "EXPOSE /tcp")]
    [DataRow("ITT1220", "Invalid ranges specified for container and host Ports: 3-4 and 1-3", "EXPOSE 1-3:3-4")]
    [DataRow("ITT1220", "Invalid IP address: 1.2.3", "EXPOSE 1.2.3:80:80")]
    [DataRow("ITT1221", "invalid signal: FOO", "STOPSIGNAL FOO")]
    [DataRow("ITT1221", "invalid signal: 0", "STOPSIGNAL 0")]
    [DataRow("ITT1222", "VOLUME specified can not be an empty string", "VOLUME [\"\"]")]
    [DataRow("ITT1223", "cannot normalize nothing", "WORKDIR $Z")]
    public void A_bad_change_is_refused_in_Dockers_words(string code, string words, string change)
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            DockerfileChanges.Apply(new ContainerSettings(), [change])
        );

        Assert.AreEqual(code, refused.Diagnostic.Code);
        Assert.Contains(words, refused.Message);
    }

    [TestMethod]
    public void All_changes_are_one_Dockerfile()
    {
        var settings = DockerfileChanges.Apply(new ContainerSettings(), ["ENV A=1", "CMD a \\", "$B", "USER $A"]);

        Assert.AreEqual("1", settings.User);
        CollectionAssert.AreEqual(new[] { "/bin/sh", "-c", "a $B" }, settings.Cmd!.ToArray());
    }

    [TestMethod]
    public void An_entry_point_takes_away_an_inherited_command()
    {
        var inherited = new ContainerSettings
        {
            Cmd = ["old"],
            Env = ["A=1"],
            Labels = new Dictionary<string, string> { ["l"] = "1" },
        };

        var settings = DockerfileChanges.Apply(inherited, ["ENTRYPOINT [\"new\"]", "LABEL m=$A"]);

        Assert.IsNull(settings.Cmd);
        Assert.AreEqual("1", settings.Labels["l"]);
        Assert.AreEqual("1", settings.Labels["m"]);
        Assert.AreEqual("old", inherited.Cmd[0]);
    }

    [TestMethod]
    public void Without_changes_the_settings_stay()
    {
        var settings = new ContainerSettings { User = "me" };

        Assert.AreSame(settings, DockerfileChanges.Apply(settings, []));
    }

    [TestMethod]
    public void Windows_images_get_the_shell_of_Windows()
    {
        var settings = DockerfileChanges.Apply(new ContainerSettings(), ["CMD dir"], "windows");

        CollectionAssert.AreEqual(new[] { "cmd", "/S", "/C", "dir" }, settings.Cmd!.ToArray());
    }

    [TestMethod]
    public void A_hostile_pattern_is_not_slow()
    {
        var value = new string('a', 2000);

        var settings = DockerfileChanges.Apply(
            new ContainerSettings(),
            [$"ENV A={value}", "ENV B=${A##" + string.Concat(Enumerable.Repeat("a*", 200)) + "b}"]
        );

        Assert.AreEqual("B=" + value, settings.Env![1]);
    }

    [TestMethod]
    public void Nesting_has_an_end()
    {
        var deep = string.Concat(Enumerable.Repeat("${A:-", 100_000));

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            DockerfileChanges.Apply(new ContainerSettings(), ["ENV B=" + deep])
        );

        Assert.AreEqual("ITT1212", refused.Diagnostic.Code);
    }

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
